import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { rememberRecent } from '../lib/memory.ts'

// Listed, but not thrown away after use: services that forward to a person's own mailbox for as long as
// that person likes, and mailboxes of a provider or a university.
const MAILBOXES = [
  'duck.com',
  'mozmail.com',
  'relay.firefox.com',
  'simplelogin.co',
  'simplelogin.com',
  'slmail.me',
  'slmails.com',
  'aleeas.com',
  '8shield.net',
  'addy.io',
  'anonaddy.com',
  'anonaddy.me',
  'passfwd.com',
  'passinbox.com',
  'passmail.com',
  'passmail.net',
  'keemail.me',
  'sibmail.com',
  'nus.edu.sg',
]
// Listed too, but anybody's own domain may lie below.
const ZONES = ['msk.ru', 'nom.za', 'pp.ua', 'za.com', 'zp.ua']

// The package makes a set of 56,000 texts of its list, 20 MB with what comes of making it. As one text the list is 1 MB,
// and looking through it takes a hundredth of the time that a password's hash does; most addresses are of few domains.
const list = readFileSync(createRequire(import.meta.url).resolve('mailchecker'), 'latin1')
const exempt = new Set([...MAILBOXES, ...ZONES])

/** Whether the domain, in its ASCII form, or one above it, gives out mailboxes to throw away. */
export function isDisposable(domain: string): boolean {
  return isListed(domain.toLowerCase())
}

const isListed = rememberRecent(1000, (domain): boolean => {
  const labels = domain.split('.')
  return labels.some((_, at) => {
    const name = labels.slice(at).join('.')
    return list.includes(`"${name}"`) && !exempt.has(name)
  })
})
