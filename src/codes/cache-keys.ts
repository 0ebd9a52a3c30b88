import QuickLRU from 'quick-lru'
import type { Context } from '../context.ts'
import { deriveKey, mac } from '../lib/secrets.ts'

/** The cache's key of a code's check, by its folded text. */
export const checkKey = (codeKey: string): string => `check:${codeKey}`

/** The cache's key of an address: a MAC, so that no address stands in a cache or a notification. */
export function lookUpKey({ secret }: Context, emailKey: string | null | undefined): string {
  const { key, recent } = macOf(secret)
  const address = emailKey ?? ''
  const known = recent.get(address)
  if (known) return known
  const made = `email:${mac(key, address)}`
  recent.set(address, made)
  return made
}

interface Mac {
  key: Buffer
  // A MAC costs more than all the rest of a cached look-up.
  recent: QuickLRU<string, string>
}

const macs = new Map<string, Mac>()

function macOf(secret: string): Mac {
  const made = macs.get(secret) ?? {
    key: deriveKey(secret, 'cache-keys'),
    recent: new QuickLRU({ maxSize: 2000 }),
  }
  macs.set(secret, made)
  return made
}
