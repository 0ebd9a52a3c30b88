import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { parseUsername } from './usernames.ts'

test.each([
  ['ann', 'ann', 'ann'],
  [' Ann.Lee_2-3 ', 'Ann.Lee_2-3', 'ann.lee_2-3'],
  ['Дима', 'Дима', 'дима'],
  ['ＡＮＮ', 'ANN', 'ann'],
  ['jose\u0301', 'josé', 'josé'],
])('%j is the name %s, compared as %s', (text, username, key) => {
  expect(parseUsername(text)).toEqual({ username, key })
})

test.each(
  [
    ['', 'ab', 'a'.repeat(33), '-ann', 'ann.', 'a nn', 'a@b', 'a＠b', 'ann%', 'an\0n', 'a\\b'],
    ['an\u200Bn', 'an\u202En', '<b>x</b>', '😀😀😀'],
  ].flat(),
)('%j is no username', (text) => {
  expect(parseUsername(text)).toBeUndefined()
})

test('any text is read or refused; what is read is never an address and reads back as itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })),
      (text) => {
        const read = parseUsername(text)
        if (!read) return
        expect(read.username).toMatch(/^[\p{L}\p{N}._-]{3,32}$/u)
        expect(parseUsername(read.username)).toEqual(read)
        expect(parseUsername(read.username.toLowerCase())?.key ?? read.key).toBe(read.key)
      },
    ),
    { numRuns: 5000 },
  )
})

test.each(['a'.repeat(100_000), '\uFDFA'.repeat(100_000), `a${'\u0301\u0316'.repeat(50_000)}`])(
  'a text of 100 kB is refused in no time',
  (text) => {
    const before = process.threadCpuUsage()
    expect(parseUsername(text)).toBeUndefined()
    expect(process.threadCpuUsage(before).user).toBeLessThan(500_000)
  },
)
