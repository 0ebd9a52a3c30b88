import { randomInt } from 'node:crypto'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE = /^[A-Za-z0-9_-]{4,32}$/

// Words that a person would take for a part of the service.
const RESERVED = new Set(
  'ADMIN ADMINISTRATOR ROOT SYSTEM SUPPORT HELP INVITREE OFFICIAL SECURITY LOGIN LOGOUT REGISTER JOIN SETUP NULL UNDEFINED NONE TEST CODE CODES'
    .split(' ')
    .map(foldCode),
)

/** Eight letters of Crockford's base 32 (no I, L, O, U) from the secure source: 40 bits. */
export function generateCode(): string {
  return Array.from({ length: 8 }, () => CROCKFORD[randomInt(CROCKFORD.length)]).join('')
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

/** Whether the service keeps this text for itself, look-alikes included. */
export const isReservedCode = (code: string): boolean => RESERVED.has(foldCode(code))
