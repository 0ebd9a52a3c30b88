import type { Context } from '../context.ts'
import { deriveKey, mac } from '../lib/secrets.ts'

/** The cache's key of a code's check, by its folded text. */
export const checkKey = (codeKey: string): string => `check:${codeKey}`

/** The cache's key of an address: a MAC, so that no address stands in a cache or a notification. */
export function lookUpKey({ secret }: Context, emailKey: string | null | undefined): string {
  const key = macKeys.get(secret) ?? deriveKey(secret, 'cache-keys')
  macKeys.set(secret, key)
  return `email:${mac(key, emailKey ?? '')}`
}

const macKeys = new Map<string, Buffer>()
