import { expect, test } from 'vitest'
import { httpsUrl, plainText } from './plain-text.ts'

test('a text becomes one line of visible characters', () => {
  expect(plainText('  Ann\u202e\u0000\n Lee\u2028 ', 100)).toBe('Ann Lee')
  expect(plainText('e\u0301', 100)).toBe('\u00e9')
  expect(plainText('\u{1f600}'.repeat(5), 3)).toBe('\u{1f600}'.repeat(3))
  for (const nothing of [null, undefined, '', ' \t', '\u200b']) {
    expect(plainText(nothing, 100)).toBeNull()
  }
})

test('an https address is kept, and nothing else is', () => {
  expect(httpsUrl('HTTPS://Images.Example/a b.png', 500)).toBe('https://images.example/a%20b.png')
  for (const other of [
    null,
    '',
    'ann.png',
    'http://images.example/a.png',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'https://ann:secret@images.example/',
    `https://images.example/${'a'.repeat(500)}`,
  ]) {
    expect(httpsUrl(other, 500)).toBeNull()
  }
})
