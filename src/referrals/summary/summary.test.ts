import { expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../../test/support/app.ts'
import { findRow, insertReferrals } from '../../../test/support/rows.ts'

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
  clicks: number
  registrations: number
  confirmed: number
}
const figures = (at: string, registrations: number, confirmed: number) => ({
  at,
  clicks: 0,
  registrations,
  confirmed,
})
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
    figures('2026-01-31T00:00:00.000Z', 1, 0),
    figures('2026-02-01T00:00:00.000Z', 1, 1),
    figures('2026-02-02T00:00:00.000Z', 1, 0),
    figures('2026-02-28T00:00:00.000Z', 1, 1),
    figures('2026-03-01T00:00:00.000Z', 1, 1),
  ])
})

test('weeks begin on Monday, months on the first, and count only the days asked for', async () => {
  const range = { from: '2026-02-01T15:00:00Z', to: '2026-03-01T01:00:00Z' }
  const weeks = await summarize({ ...range, interval: 'week' })
  expect(weeks.series).toEqual([
    figures('2026-01-26T00:00:00.000Z', 1, 1),
    figures('2026-02-02T00:00:00.000Z', 1, 0),
    figures('2026-02-09T00:00:00.000Z', 0, 0),
    figures('2026-02-16T00:00:00.000Z', 0, 0),
    figures('2026-02-23T00:00:00.000Z', 2, 2),
  ])
  const months = await summarize({ ...range, interval: 'month' })
  expect(months.series).toEqual([
    figures('2026-02-01T00:00:00.000Z', 3, 2),
    figures('2026-03-01T00:00:00.000Z', 1, 1),
  ])
})

test('left out, the range is the thirty days up to today', async () => {
  const { series, from, to } = await summarize({})
  expect(series).toHaveLength(30)
  expect(series.at(-1)!.at.slice(0, 10)).toBe(to.slice(0, 10))
  expect(series[0]!.at.slice(0, 10)).toBe(from.slice(0, 10))
})

test('one moment is a day, and 800 steps are the most', async () => {
  const to = '2026-03-01T23:00:00Z'
  expect((await summarize({ from: to, to })).series).toHaveLength(1)
  for (const [interval, longest, tooLong] of [
    ['day', '2023-12-23T00:00:00Z', '2023-12-22T23:59:59Z'],
    ['hour', '2026-01-27T16:00:00Z', '2026-01-27T15:59:59Z'],
    ['week', '2010-11-01T00:00:00Z', '2010-10-31T23:59:59Z'],
    ['month', '1959-08-01T00:00:00Z', '1959-07-31T23:59:59Z'],
  ]) {
    expect((await summarize({ from: longest!, to, interval: interval! })).series).toHaveLength(800)
    const refused = (await ask({ from: tooLong, to, interval })).json()
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer: '/query/from' }] })
    expect(refused.errors[0].detail).toContain('At most 800 steps')
  }
})

test.each([
  [{ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 'from', 'too_large'],
  [{ from: '2999-01-01T00:00:00Z' }, 'from', 'too_large'],
  [{ from: '0001-01-01T00:00:00Z' }, 'from', 'too_many_points'],
  [{ from: '0001-01-01T00:00:00Z', interval: 'hour' }, 'from', 'too_many_points'],
  [{ from: 'x' }, 'from', 'format_wrong'],
  [{ to: '2026-02-30T00:00:00Z' }, 'to', 'format_wrong'],
  [{ interval: 'minute' }, 'interval', 'value_not_allowed'],
  [{ time_zone: 'Europe/Atlantis' }, 'time_zone', 'time_zone_unknown'],
  [{ time_zone: 'America/Nowhere/Never' }, 'time_zone', 'time_zone_unknown'],
  [{ time_zone: 'XYZ+3' }, 'time_zone', 'format_wrong'],
  [{ time_zone: '+03:00' }, 'time_zone', 'format_wrong'],
  [{ time_zone: "UTC' or 1=1" }, 'time_zone', 'format_wrong'],
  [{ time_zone: '' }, 'time_zone', 'format_wrong'],
  [{ since: '2026-02-03T00:00:00Z' }, 'since', 'field_unknown'],
])('the range %j is refused by the field’s name', async (query, name, code) => {
  const response = await ask(query)
  expect(response.statusCode).toBe(422)
  expect(response.json().errors).toMatchObject([{ pointer: `/query/${name}`, code }])
})

test.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
  'a range that ends at %s is no failure',
  async (to) => {
    for (const interval of ['hour', 'day', 'week', 'month']) {
      expect((await ask({ to, interval })).statusCode).toBe(200)
    }
  },
)

test('the day on which clocks go forward has 23 hours, the one on which they go back 25', async () => {
  const zone = { time_zone: 'Europe/Berlin', interval: 'hour' }
  for (const [day, first, last, count] of [
    ['2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T21:00:00.000Z', 23],
    ['2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T22:00:00.000Z', 25],
  ] as const) {
    const from = first
    const { series } = await summarize({ ...zone, from, to: last })
    expect(series, day).toHaveLength(count)
    expect([series[0]!.at, series.at(-1)!.at]).toEqual([first, last])
    const gaps = series.map((hour, n) => Date.parse(hour.at) - Date.parse(series[n - 1]?.at ?? ''))
    expect(new Set(gaps.slice(1))).toEqual(new Set([3_600_000]))
  }
})

test('days, weeks and months begin at the midnight of the time zone', async () => {
  const bob = await createAccount(it)
  await insertReferrals(it, await createCode(it, bob), [
    { at: at('2026-10-24', '21:59:59') }, // 24 October, 23:59:59 in Berlin
    { at: at('2026-10-24', '22:00:00') }, // 25 October, which has 25 hours
    { at: at('2026-10-25', '22:59:59') },
    { at: at('2026-10-25', '23:00:00') }, // 26 October, a Monday
    { at: at('2026-10-31', '23:00:00') }, // 1 November
  ])
  const inBerlin = async (interval: string) => {
    const range = { from: '2026-10-24T12:00:00Z', to: '2026-11-01T12:00:00Z' }
    const query = { ...range, interval, time_zone: 'Europe/Berlin' }
    const path = `/api/v1/users/me/referrals/summary?${new URLSearchParams(query).toString()}`
    const { series } = (await get(it, path, bob)).json() as { series: Figures[] }
    return series.map((step) => [step.at.slice(0, 13), step.registrations])
  }
  expect(await inBerlin('day')).toEqual([
    ['2026-10-23T22', 1],
    ['2026-10-24T22', 2],
    ['2026-10-25T23', 1],
    ['2026-10-26T23', 0],
    ['2026-10-27T23', 0],
    ['2026-10-28T23', 0],
    ['2026-10-29T23', 0],
    ['2026-10-30T23', 0],
    ['2026-10-31T23', 1],
  ])
  expect(await inBerlin('week')).toEqual([
    ['2026-10-18T22', 3],
    ['2026-10-25T23', 2],
  ])
  expect(await inBerlin('month')).toEqual([
    ['2026-09-30T22', 4],
    ['2026-10-31T23', 1],
  ])
})

test('hours and days of a zone that is half an hour off begin where they do there', async () => {
  const eve = await createAccount(it)
  await insertReferrals(it, await createCode(it, eve), [
    { at: at('2026-05-01', '18:29:59') }, // 1 May, 23:59:59 in Kolkata
    { at: at('2026-05-01', '18:30:00') }, // 2 May
    { at: at('2026-05-01', '19:29:59') },
    { at: at('2026-05-01', '19:30:00') },
  ])
  const inKolkata = async (query: Record<string, string>) => {
    const all = new URLSearchParams({ ...query, time_zone: 'Asia/Kolkata' }).toString()
    return (await get(it, `/api/v1/users/me/referrals/summary?${all}`, eve)).json()
  }
  const range = { from: '2026-05-01T18:00:00Z', to: '2026-05-01T19:45:00Z' }
  const hours = await inKolkata({ ...range, interval: 'hour' })
  expect(hours.series).toEqual([
    figures('2026-05-01T17:30:00.000Z', 1, 0),
    figures('2026-05-01T18:30:00.000Z', 2, 0),
    figures('2026-05-01T19:30:00.000Z', 1, 0),
  ])
  const days = await inKolkata({ ...range, interval: 'day' })
  expect(days.series).toEqual([
    figures('2026-04-30T18:30:00.000Z', 1, 0),
    figures('2026-05-01T18:30:00.000Z', 3, 0),
  ])
})

test('the steps of every time zone are whole and none is missing, whatever its clocks do', async () => {
  // By half an hour, at midnight, over a day that is left out, by 45 minutes off.
  for (const [time_zone, from, to, days] of [
    ['Australia/Lord_Howe', '2026-04-03T00:00:00Z', '2026-04-06T00:00:00Z', 4],
    ['America/Havana', '2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z', 3],
    ['Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-31T12:00:00Z', 3],
    ['Asia/Kathmandu', '2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z', 3],
  ] as const) {
    const ats = (await summarize({ time_zone, from, to })).series.map((day) => day.at)
    expect(new Set(ats).size, time_zone).toBe(ats.length)
    expect(ats.length, time_zone).toBe(days)
    const hours = (await summarize({ time_zone, from, to, interval: 'hour' })).series
    expect(hours.map((hour) => hour.at)).toEqual(hours.map((hour) => hour.at).toSorted())
  }
})

test('the period before is as long, and rates are null where there is nothing to divide by', async () => {
  const query = { from: '2026-02-02T00:00:00Z', to: '2026-02-28T00:00:00Z' }
  expect((await ask(query)).json()).toMatchObject({
    registrations: 2,
    confirmed: 1,
    registration_rate: null,
    confirmation_rate: 0.5,
    previous: { registrations: 2, confirmed: 1, clicks: 0, confirmation_rate: 0.5 },
  })
  expect((await ask({ from: '2026-02-03T00:00:00Z', to: '2026-02-04T00:00:00Z' })).json()).toEqual(
    expect.objectContaining({
      confirmation_rate: null,
      previous: expect.objectContaining({ registrations: 2, confirmed: 1, clicks: 0 }),
    }),
  )
})

test('clicks are summed like the rest, over all slots', async () => {
  const ivy = await createAccount(it)
  const code = await createCode(it, ivy)
  const { id: code_id } = await findRow(it, code)
  const kept = { referrer_id: ivy.id, code_id, at: at('2026-06-01', '10:15:00') }
  const rows = [0, 5].map((slot) => ({ ...kept, slot, clicks: 4 }))
  await it.ctx.db.insertInto('figures').values(rows).execute()
  await insertReferrals(it, code, [{ at: at('2026-06-01', '10:20:00') }])
  const path =
    '/api/v1/users/me/referrals/summary?from=2026-06-01T00:00:00Z&to=2026-06-01T00:00:00Z'
  expect((await get(it, path, ivy)).json()).toMatchObject({
    clicks: 8,
    registrations: 1,
    registration_rate: 0.125,
    series: [{ clicks: 8, registrations: 1 }],
  })
})

test('the counts of each status are there for whom the list is', async () => {
  const counts = async (as: typeof ann, id = 'me') =>
    (await get(it, `/api/v1/users/${id}/referrals/counts`, as)).json()
  expect(await counts(ann)).toEqual({ all: 5, pending: 2, confirmed: 3, review: 0, refused: 0 })
  const stranger = await createAccount(it)
  expect(await counts(stranger)).toMatchObject({ all: 0, refused: 0 })
  expect(await counts(stranger, ann.id)).toMatchObject({ status: 404, code: 'user_not_found' })
})
