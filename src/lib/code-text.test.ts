import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { foldCode, generateCode, isReservedCode, parseCode } from './code-text.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
const texts = fc.string({ unit: fc.constantFrom(...letters), minLength: 4, maxLength: 32 })

test('a generated code has eight letters of Crockford base 32 and reads back as itself', () => {
  const codes = Array.from({ length: 5000 }, generateCode)
  for (const code of codes) {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
    expect(parseCode(code)).toBe(code)
    expect(foldCode(code)).toBe(code)
  }
  expect(new Set(codes).size).toBe(codes.length)
  expect(new Set(codes.join('')).size).toBe(32)
})

test('4 to 32 letters, digits, dashes and underscores are read in upper case', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(parseCode(text)).toBe(text.toUpperCase())
      expect(parseCode(`  ${text}\n`)).toBe(text.toUpperCase())
    }),
  )
})

test.each(['', 'ABC', 'A'.repeat(33), 'AB CD', 'ANN.2027', 'ÄNNE', 'АВСD', 'ABCD\0', 'ＡＢＣＤ'])(
  '%j cannot be the text of a code',
  (text) => {
    expect(parseCode(text)).toBeUndefined()
  },
)

test('any text is read or refused, and what is read has only the letters of a code', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      expect(parseCode(text) ?? 'NONE').toMatch(/^[A-Z0-9_-]{4,32}$/)
    }),
  )
})

test('folding a folded text changes nothing, and every look-alike folds alike', () => {
  const lookAlikes: Record<string, string[]> = { 0: ['0', 'O', 'o'], 1: ['1', 'I', 'i', 'L', 'l'] }
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { minLength: 32, maxLength: 32 }), (text, picks) => {
      const folded = foldCode(text)
      expect(foldCode(folded)).toBe(folded)
      const disguised = folded.split('').map((letter, at) => {
        const forms = lookAlikes[letter] ?? [letter, letter.toLowerCase()]
        return forms[picks[at]! % forms.length]
      })
      expect(foldCode(disguised.join(''))).toBe(folded)
    }),
  )
})

test('the words that the service keeps are reserved in every disguise', () => {
  for (const word of ['ADMIN', 'admin', 'ADM1N', 'adMLn', 'SUPP0RT', '1NV1TREE', 'R00T']) {
    expect(isReservedCode(word), word).toBe(true)
  }
  expect(isReservedCode('ADMIN-ANN')).toBe(false)
})
