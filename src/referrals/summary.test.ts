import { expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../test/support/app.ts'
import { insertReferrals } from '../../test/support/rows.ts'

const it = await startApp()
const ann = await createAccount(it)
const at = (day: string, time = '12:00:00') => new Date(`${day}T${time}Z`)
await insertReferrals(it, await createCode(it, ann), [
  { at: at('2026-01-31', '23:59:59.999'), confirmedAt: at('2026-02-01', '00:00:00') },
  { at: at('2026-02-01', '00:00:00') },
  { at: at('2026-02-02'), confirmedAt: at('2026-03-01') },
  { at: at('2026-02-28'), confirmedAt: at('2026-02-28') },
  { at: at('2026-03-01') },
])

interface Figures {
  at: string
  registrations: number
  confirmed: number
}
const ask = (query: object) =>
  get(it, `/api/v1/users/me/referrals/summary?${new URLSearchParams({ ...query }).toString()}`, ann)
async function summarize(query: Record<string, string>) {
  const summary = (await ask(query)).json()
  const sum = (name: 'registrations' | 'confirmed') =>
    summary.series.reduce((total: number, figures: Figures) => total + figures[name], 0)
  expect([summary.registrations, summary.confirmed]).toEqual([
    sum('registrations'),
    sum('confirmed'),
  ])
  return summary as { from: string; to: string; series: Figures[] } & Figures
}

test('the figures of each day are there, also of those on which nobody came', async () => {
  const summary = await summarize({ from: '2026-01-30T00:00:00Z', to: '2026-03-02T00:00:00Z' })
  expect(summary.series).toHaveLength(32)
  expect(summary).toMatchObject({ registrations: 5, confirmed: 3, interval: 'day' })
  expect(summary.series.filter((day) => day.registrations + day.confirmed > 0)).toEqual([
    { at: '2026-01-31T00:00:00.000Z', registrations: 1, confirmed: 0 },
    { at: '2026-02-01T00:00:00.000Z', registrations: 1, confirmed: 1 },
    { at: '2026-02-02T00:00:00.000Z', registrations: 1, confirmed: 0 },
    { at: '2026-02-28T00:00:00.000Z', registrations: 1, confirmed: 1 },
    { at: '2026-03-01T00:00:00.000Z', registrations: 1, confirmed: 1 },
  ])
})

test('weeks begin on Monday, months on the first, and count only the days asked for', async () => {
  const range = { from: '2026-02-01T15:00:00Z', to: '2026-03-01T01:00:00Z' }
  const weeks = await summarize({ ...range, interval: 'week' })
  expect(weeks.series).toEqual([
    { at: '2026-01-26T00:00:00.000Z', registrations: 1, confirmed: 1 },
    { at: '2026-02-02T00:00:00.000Z', registrations: 1, confirmed: 0 },
    { at: '2026-02-09T00:00:00.000Z', registrations: 0, confirmed: 0 },
    { at: '2026-02-16T00:00:00.000Z', registrations: 0, confirmed: 0 },
    { at: '2026-02-23T00:00:00.000Z', registrations: 2, confirmed: 2 },
  ])
  const months = await summarize({ ...range, interval: 'month' })
  expect(months.series).toEqual([
    { at: '2026-02-01T00:00:00.000Z', registrations: 3, confirmed: 2 },
    { at: '2026-03-01T00:00:00.000Z', registrations: 1, confirmed: 1 },
  ])
})

test('left out, the range is the thirty days up to today', async () => {
  const { series, from, to } = await summarize({})
  expect(series).toHaveLength(30)
  expect(series.at(-1)!.at.slice(0, 10)).toBe(to.slice(0, 10))
  expect(series[0]!.at.slice(0, 10)).toBe(from.slice(0, 10))
})

test('one moment is a day, and 800 days are the most', async () => {
  const to = '2026-03-01T23:00:00Z'
  expect((await summarize({ from: to, to })).series).toHaveLength(1)
  expect((await summarize({ from: '2023-12-23T00:00:00Z', to })).series).toHaveLength(800)
  const long = (await ask({ from: '2023-12-22T23:59:59Z', to })).json()
  expect(long).toMatchObject({ status: 422, errors: [{ pointer: '/query/from' }] })
  expect(long.errors[0].detail).toContain('2023-12-23T00:00:00.000Z')
})

test.each([
  [{ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 'from', 'too_large'],
  [{ from: '2999-01-01T00:00:00Z' }, 'from', 'too_large'],
  [{ from: '0001-01-01T00:00:00Z' }, 'from', 'too_small'],
  [{ from: 'x' }, 'from', 'format_wrong'],
  [{ to: '2026-02-30T00:00:00Z' }, 'to', 'format_wrong'],
  [{ interval: 'hour' }, 'interval', 'value_not_allowed'],
  [{ since: '2026-02-03T00:00:00Z' }, 'since', 'field_unknown'],
])('the range %j is refused by the field’s name', async (query, name, code) => {
  const response = await ask(query)
  expect(response.statusCode).toBe(422)
  expect(response.json().errors).toMatchObject([{ pointer: `/query/${name}`, code }])
})

test.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
  'a range that ends at %s is no failure',
  async (to) => {
    for (const interval of ['day', 'week', 'month']) {
      expect((await ask({ to, interval })).statusCode).toBe(200)
    }
  },
)
