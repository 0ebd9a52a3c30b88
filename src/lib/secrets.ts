import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import QuickLRU from 'quick-lru'

// Asking the source costs the same for a few bytes as for many.
const POOL_BYTES = 4096
let pool = Buffer.alloc(0)

/** `bytes` random bytes from the secure source, as base64url text. */
export function randomSecret(bytes = 32): string {
  if (pool.length < bytes) pool = randomBytes(POOL_BYTES)
  const taken = pool.subarray(0, bytes)
  pool = pool.subarray(bytes)
  return taken.toString('base64url')
}

// With a key object a MAC takes an eighth of what it takes with the key's bytes.
const derived = new QuickLRU<string, KeyObject>({ maxSize: 100 })

/** A 32-byte key for one purpose only, derived from the installation's secret (HKDF, RFC 5869), and kept. */
export function deriveKey(secret: string, purpose: string): KeyObject {
  const name = `${purpose} ${secret}`
  const known = derived.get(name)
  if (known) return known
  const bytes = hkdfSync('sha256', secret, '', `invitree:${purpose}`, 32)
  const key = createSecretKey(Buffer.from(bytes))
  derived.set(name, key)
  return key
}

/** HMAC-SHA-256 as base64url text. */
export function mac(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** The first 16 bytes of an HMAC-SHA-256 as hexadecimal text. */
export function mac16(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 32)
}

/** Compares two texts in a time that tells nothing about where they differ. */
export function sameSecret(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the cipher text. */
export function encrypt(key: KeyObject, text: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** The reverse of `encrypt`; throws when the key is another or a byte was changed or cut off. */
export function decrypt(key: KeyObject, sealed: Buffer): string {
  // With the length given a shorter tag, which is easier to forge, is refused.
  const options = { authTagLength: 16 }
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), options)
  decipher.setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8')
}
