import QuickLRU from 'quick-lru'
import type { Context } from '../context.ts'
import { deriveKey, mac } from '../lib/secrets.ts'

// A MAC costs more than all the rest of a cached look-up.
const recent = new QuickLRU<string, string>({ maxSize: 2000 })

/** The cache's key of a code's check, by its folded text. */
export const checkKey = (codeKey: string): string => `check:${codeKey}`

/** The cache's key of an address: a MAC, so that no address stands in a cache or a notification. */
export function lookUpKey({ secret }: Context, emailKey: string | null | undefined): string {
  const name = `${emailKey ?? ''} ${secret}`
  const known = recent.get(name)
  if (known) return known
  const made = `email:${mac(deriveKey(secret, 'cache-keys'), emailKey ?? '')}`
  recent.set(name, made)
  return made
}
