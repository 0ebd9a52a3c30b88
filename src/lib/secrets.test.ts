import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { decrypt, deriveKey, encrypt, mac, randomSecret, sameSecret } from './secrets.ts'

const key = deriveKey('a secret of at least thirty-two letters', 'tests')
const UNREADABLE = /unable to authenticate|^Invalid (authentication tag|initialization vector)/

test('secrets are random and as long as was asked', () => {
  expect(Buffer.from(randomSecret(), 'base64url')).toHaveLength(32)
  expect(randomSecret(16)).toMatch(/^[\w-]{22}$/)
  expect(randomSecret()).not.toBe(randomSecret())
})

test('each purpose and each secret has a key of its own, the same every time', () => {
  expect(deriveKey('secret', 'one').equals(deriveKey('secret', 'one'))).toBe(true)
  const keys = [deriveKey('secret', 'one'), deriveKey('secret', 'two'), deriveKey('other', 'one')]
  expect(new Set(keys.map((key) => key.export().toString('hex'))).size).toBe(3)
  for (const key of keys) expect(key.symmetricKeySize).toBe(32)
})

test('a MAC is HMAC-SHA-256', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const expected = createHmac('sha256', key).update(text, 'utf8').digest('base64url')
      expect(mac(key, text)).toBe(expected)
    }),
  )
})

test('two texts are the same secret if and only if they are equal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      expect(sameSecret(one, one)).toBe(true)
      expect(sameSecret(one, other)).toBe(one === other)
    }),
  )
})

test('what was encrypted is decrypted to the same text, and never looks the same twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const sealed = encrypt(key, text)
      expect(decrypt(key, sealed)).toBe(text)
      expect(encrypt(key, text).equals(sealed)).toBe(false)
    }),
  )
})

test('a changed byte, a lost end or another key is noticed', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.integer({ min: 1, max: 255 }), (text, at, flip) => {
      const sealed = encrypt(key, text)
      const changed = Buffer.from(sealed)
      changed[at % sealed.length]! ^= flip
      expect(() => decrypt(key, changed)).toThrow(UNREADABLE)
      expect(() => decrypt(key, sealed.subarray(0, at % sealed.length))).toThrow(UNREADABLE)
      expect(() => decrypt(deriveKey('another', 'tests'), sealed)).toThrow(UNREADABLE)
    }),
  )
})

test('a tag shorter than 16 bytes is refused unread, since one of 4 can be guessed', () => {
  const sealed = encrypt(key, '')
  for (let length = 0; length < 28; length++) {
    expect(() => decrypt(key, sealed.subarray(0, length))).toThrow(
      /^Invalid (authentication tag|initialization vector)/,
    )
  }
})
