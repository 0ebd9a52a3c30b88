import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { canonicalEmail, EMAIL_MAX, maskEmail, parseEmail } from './email.ts'

const key = (text: string) => parseEmail(text)?.key

test('an address is kept as it was written and compared without case', () => {
  expect(parseEmail(' Ann.Lee+x@Example.COM ')).toEqual({
    email: 'Ann.Lee+x@Example.COM',
    key: 'ann.lee+x@example.com',
  })
})

test('the spellings of an international address are one address', () => {
  expect(key('ann@bücher.example')).toBe('ann@xn--bcher-kva.example')
  expect(key('ann@BÜCHER.example')).toBe(key('ANN@xn--bcher-kva.example'))
  expect(key('ann@bu\u0308cher.example')).toBe(key('ann@bücher.example'))
  expect(key('JOSE\u0301@example.com')).toBe(key('josé@example.com'))
  expect(key('Дима@Почта.рф')).toBe('дима@xn--80a1acny.xn--p1ai')
})

test.each(
  [
    ['', ' ', '@', 'ann', 'ann@', '@example.com', 'ann@example', 'a@b@example.com', 'a..b@b.co'],
    [
      'ann@1.2.3.4',
      'ann@[1.2.3.4]',
      'ann@0x7f.1',
      'ann@-a.com',
      'ann@a_b.com',
      'ann@xn--.com',
      'ann@ﷺ.com',
    ],
    ['Ann <ann@example.com>', 'ann@example.com,bob@example.com', 'ann@ex%41mple.com'],
    ['"a b"@example.com', '"a\nBcc: x@y.com"@example.com', 'ann\r\n@example.com', 'a\0@a.com'],
    ['an\u200Bn@example.com', 'an\u202En@example.com', '\uD800@example.com', 'a\u00A0b@a.com'],
  ].flat(),
)('%j is no address', (text) => {
  expect(parseEmail(text)).toBeUndefined()
})

test('an address has at most 254 characters', () => {
  const long = `${'a'.repeat(60)}@${`${'b'.repeat(60)}.`.repeat(3)}example.com`
  expect(parseEmail(long.slice(0, EMAIL_MAX))).toBeDefined()
  expect(parseEmail(long.replace('example', 'e'.repeat(30)))).toBeUndefined()
  // Short as it was written, longer in its normal form.
  expect(parseEmail(`${'\u{1D160}'.repeat(60)}@${`${'b'.repeat(60)}.`.repeat(2)}com`)).toBe(
    undefined,
  )
})

test('every address that is read has one key, whatever its case, which is its own key', () => {
  const spelled = fc.tuple(fc.emailAddress(), fc.array(fc.boolean(), { minLength: 300 }))
  fc.assert(
    fc.property(spelled, ([address, upper]) => {
      const plain = key(address)
      fc.pre(plain !== undefined)
      const mixed = address
        .split('')
        .map((c, at) => (upper[at] ? c.toUpperCase() : c.toLowerCase()))
      expect(key(mixed.join(''))).toBe(plain)
      expect(key(plain)).toBe(plain)
    }),
  )
})

test('any text is read or refused, and nothing that is read could forge a header', () => {
  const around = fc
    .tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
    .map(([local, domain]) => `${local}@${domain}.com`)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), around), (text) => {
      const read = parseEmail(text)
      expect(read?.email ?? '').not.toMatch(/[\s\p{Cc}"]/u)
      expect(read?.email.length ?? 0).toBeLessThanOrEqual(EMAIL_MAX)
      expect(maskEmail(read?.email ?? 'a@b')).toMatch(/^.\*\*\*@/su)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['a plain run', 'a'.repeat(100_000)],
  ['many dots', 'a.'.repeat(50_000)],
  ['many at signs', '@'.repeat(100_000)],
  ['blanks', `a${' '.repeat(100_000)}b`],
  ['combining marks in the wrong order', `a${'\u0301\u0316'.repeat(50_000)}@example.com`],
  ['letters that grow 18 times', '\uFDFA'.repeat(100_000)],
])('%s of 100 kB is refused in no time', (_, text) => {
  const before = process.threadCpuUsage()
  expect(parseEmail(text)).toBeUndefined()
  expect(process.threadCpuUsage(before).user).toBeLessThan(500_000)
})

test('a masked address keeps its first letter and its domain', () => {
  expect(maskEmail('ann@example.com')).toBe('a***@example.com')
  expect(maskEmail('😀lee@example.com')).toBe('😀***@example.com')
  expect(maskEmail('')).toBe('****')
})

const word = fc.stringMatching(/^[a-z][a-z0-9]{2,11}$/)
const dotted = (local: string, places: boolean[]) =>
  local.replaceAll(/\B./g, (sign, at: number) => (places[at] ? `.${sign}` : sign))
const raised = (text: string, places: boolean[]) =>
  text.replaceAll(/./g, (sign, at: number) => (places[at] ? sign.toUpperCase() : sign))
const canonical = (email: string) => canonicalEmail(parseEmail(email)!.key)

test('an alias of a mailbox is found whatever its tag, case, dots and domain of Gmail', () => {
  const flags = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
  const tag = fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9.+-]{0,8}[a-z0-9]$/))
  const gmail = fc.constantFrom('gmail.com', 'googlemail.com', 'GMail.com')
  fc.assert(
    fc.property(fc.record({ name: word, dots: flags, tag, cases: flags, gmail }), (drawn) => {
      const { name, dots, tag, cases } = drawn
      fc.pre(!tag?.includes('..'))
      const tagged = tag ? `+${tag}` : ''
      const written = raised(dotted(name, dots), cases)
      expect(canonical(`${written}${tagged}@${drawn.gmail}`)).toBe(`${name}@gmail.com`)
      expect(canonical(`${raised(name, cases)}${tagged}@Example.com`)).toBe(`${name}@example.com`)
    }),
  )
})

test('elsewhere than at Gmail dots make another address, and a tag alone is none', () => {
  expect(canonical('ann.lee@example.com')).not.toBe(canonical('annlee@example.com'))
  expect(canonical('+ann@example.com')).not.toBe(canonical('+bob@example.com'))
})

test('of a thousand pairs of unrelated people none is taken for one', () => {
  const person = fc.record({
    name: word,
    number: fc.nat(99),
    domain: fc.constantFrom('gmail.com', 'googlemail.com', 'example.com', 'mail.example.com'),
  })
  fc.assert(
    fc.property(person, person, (one, other) => {
      const mailbox = ({ name, number, domain }: typeof one) =>
        `${name}${number}@${domain.replace('google', 'g')}`
      fc.pre(mailbox(one) !== mailbox(other))
      const [a, b] = [one, other].map(({ name, number, domain }) => `${name}${number}+x@${domain}`)
      expect(canonical(a!)).not.toBe(canonical(b!))
    }),
    { numRuns: 1000 },
  )
})
