import { domainToASCII } from 'node:url'
import isEmail from 'validator/lib/isEmail.js'
import { rememberRecent } from './memory.ts'

export const EMAIL_MAX = 254

// Blanks, control and invisible characters could forge a mail's header or look like another address; the
// quoted form, which allows them, is not taken.
const FORBIDDEN = /[\s"\p{Cc}\p{Cf}\p{Cs}]/u

interface Address {
  email: string
  key: string
}

/**
 * Reads an address: `email` is kept as it was written (trimmed), `key` is what is compared, so that
 * case, Unicode forms and the two spellings of an international domain are one address.
 */
export const parseEmail = (text: string): Readonly<Address> | undefined => readRecent(text)

// A popular referrer's address is looked up thousands of times a second, and read twice each time.
const readRecent = rememberRecent(2000, readAddress)

function readAddress(text: string): Address | undefined {
  const written = text.trim()
  // Before anything that may take more than linear time.
  if (written.length > EMAIL_MAX || FORBIDDEN.test(written)) return undefined
  const email = written.normalize('NFC')
  if (email.length > EMAIL_MAX || !isEmail.default(email)) return undefined
  const at = email.lastIndexOf('@')
  const domain = domainToASCII(email.slice(at + 1))
  if (!domain) return undefined
  return { email, key: `${email.slice(0, at).toLowerCase().normalize('NFC')}@${domain}` }
}

/**
 * The mailbox that a key most likely leads to: without `+tag`, and for Gmail without dots and under one
 * domain. For comparing two people, never for writing to one.
 */
export function canonicalEmail(key: string): string {
  const at = key.lastIndexOf('@')
  const local = key
    .slice(0, at)
    .toLowerCase()
    .replace(/(?<=.)\+.*$/, '')
  const domain = key.slice(at + 1).toLowerCase()
  if (!GMAIL.has(domain)) return `${local}@${domain}`
  return `${local.replaceAll('.', '')}@gmail.com`
}

const GMAIL = new Set(['gmail.com', 'googlemail.com'])

/** The address with its local part hidden but for the first letter: `a***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${String.fromCodePoint(email.codePointAt(0) ?? 42)}***${email.slice(at)}`
}
