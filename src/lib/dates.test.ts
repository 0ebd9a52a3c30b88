import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { DAY, MINUTE, parseTimestamp } from './dates.ts'

const two = (part: number) => String(part).padStart(2, '0')
const four = (part: number) => String(part).padStart(4, '0')
const read = (text: string) => parseTimestamp(text)?.toISOString()

test.each([
  ['2027-10-10T12:00:00Z', '2027-10-10T12:00:00.000Z'],
  ['2027-10-10t12:00:00z', '2027-10-10T12:00:00.000Z'],
  ['2027-10-10 12:00', '2027-10-10T12:00:00.000Z'],
  ['2027-10-10T12:00:00', '2027-10-10T12:00:00.000Z'],
  ['2027-10-10T12:00:00+05:00', '2027-10-10T07:00:00.000Z'],
  ['2027-10-10T12:00:00-00:30', '2027-10-10T12:30:00.000Z'],
  ['2027-10-10T12:00:00-00:00', '2027-10-10T12:00:00.000Z'],
  ['2027-10-10T12:00:00.1239999Z', '2027-10-10T12:00:00.123Z'],
  ['2027-10-10T12:00:00.1Z', '2027-10-10T12:00:00.100Z'],
  ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('%s is read as %s', (text, moment) => {
  expect(read(text)).toBe(moment)
})

test.each(
  [
    ['', ' ', 'tomorrow', '2027-10-10', '12:00', '1760000000', '20271010T120000Z'],
    ['2027-02-30T00:00:00Z', '2027-02-29T00:00:00Z', '1900-02-29T00:00:00Z'],
    ['2027-13-01T00:00:00Z', '2027-00-01T00:00:00Z', '2027-04-31T00:00:00Z'],
    ['2027-01-00T00:00:00Z', '2027-01-32T00:00:00Z', '2027-10-10T24:00:00Z'],
    ['2027-10-10T12:60:00Z', '2027-10-10T12:00:60Z', '2027-10-10T12:00:00+24:00'],
    ['2027-10-10T12:00:00+05:60', '2027-10-10T12:00:00+05', '2027-10-10T12:00:00 +05:00'],
    ['99999-10-10T12:00:00Z', '+012027-10-10T12:00:00Z', '-2027-10-10T12:00:00Z'],
    ['2027-10-10T12:00:00.Z', '2027-10-10T12:00:00Z\n', ' 2027-10-10T12:00:00Z'],
    ['٢٠٢٧-10-10T12:00:00Z', '2027‐10‐10T12:00:00Z', '2027-10-10T12:00:00UTC'],
  ].flat(),
)('%j is no moment', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})

test('a moment before the year 1 or after the year 9999 is refused, whatever its offset', () => {
  expect(parseTimestamp('0000-12-31T23:59:59Z')).toBeUndefined()
  expect(parseTimestamp('0001-01-01T00:00:00+00:01')).toBeUndefined()
  expect(parseTimestamp('9999-12-31T23:59:59-00:01')).toBeUndefined()
  expect(read('9999-12-31T23:59:59+00:01')).toBe('9999-12-31T23:58:59.000Z')
})

test('a moment written at any offset is read as the same moment', () => {
  const from = Date.parse('0001-01-03T00:00:00Z')
  const to = Date.parse('9999-12-29T00:00:00Z')
  const offsets = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })
  fc.assert(
    fc.property(fc.integer({ min: from, max: to }), offsets, (moment, minutes) => {
      const sign = minutes < 0 ? '-' : '+'
      const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
      const local = new Date(moment + minutes * MINUTE).toISOString().slice(0, -1)
      const text = `${local}${sign}${two(hours)}:${two(rest)}`
      expect(parseTimestamp(text)?.getTime()).toBe(moment)
    }),
  )
})

test('a date is read if and only if its month has that day', () => {
  const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const part = (max: number) => fc.integer({ min: 0, max })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), part(14), part(33), (year, month, day) => {
      const days = month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0)
      const exists = day >= 1 && day <= days
      const read = parseTimestamp(`${four(year)}-${two(month)}-${two(day)}T00:00:00Z`)
      expect(read !== undefined).toBe(exists)
    }),
    { numRuns: 2000 },
  )
})

test('any text is read or refused, never a failure, and what is read is a real moment', () => {
  const digits = fc.string({
    unit: fc.constantFrom(...'0123456789-:.TtZz+ '.split('')),
    maxLength: 40,
  })
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), digits), (text) => {
      const moment = parseTimestamp(text)
      expect(moment === undefined || !Number.isNaN(moment.getTime())).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('a day has 86,400 seconds', () => {
  expect(DAY).toBe(86_400_000)
})
