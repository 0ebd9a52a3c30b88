import { randomInt } from 'node:crypto'
import { isOffensive } from './offensive.ts'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE = /^[A-Za-z0-9_-]{4,32}$/

// Words that a person would take for a part of the service.
const RESERVED = new Set(
  'ADMIN ADMINISTRATOR ROOT SYSTEM SUPPORT HELP INVITREE OFFICIAL SECURITY LOGIN LOGOUT REGISTER JOIN SETUP NULL UNDEFINED NONE TEST CODE CODES'
    .split(' ')
    .map(foldCode),
)

/**
 * Eight letters of Crockford's base 32 (no I, L, O, U) from the secure source: 40 bits. One of 600 spells
 * something that nobody wants to share, and is drawn again.
 */
export function generateCode(): string {
  for (;;) {
    const code = Array.from({ length: 8 }, () => CROCKFORD[randomInt(CROCKFORD.length)]).join('')
    if (!isOffensive(code)) return code
  }
}

/** The text as it is kept and answered, in upper case; undefined when it cannot be a code's text. */
export function parseCode(text: string): string | undefined {
  const code = text.trim()
  return CODE.test(code) ? code.toUpperCase() : undefined
}

/** The text as it is compared: letters that look like digits are those digits. */
export function foldCode(code: string): string {
  return code.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}

/** Whether nobody may choose this text: the service keeps it for itself, or it offends; look-alikes too. */
export const isReservedCode = (code: string): boolean =>
  RESERVED.has(foldCode(code)) || isOffensive(code)
