import { expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../test/support/app.ts'
import { insertReferrals, insertUsers, promote } from '../../test/support/rows.ts'

const it = await startApp()
const ann = await createAccount(it)
const code = await createCode(it, ann)
const day = (n: number, hour = 12) => new Date(Date.UTC(2026, 0, n, hour))

const PEOPLE = [
  { email: 'Percent%Sign@example.com', username: 'under_score', at: day(1), confirmedAt: day(2) },
  { email: 'back_slash@example.com', username: 'ДИМА', at: day(1, 23) },
  { email: 'дарья@Почта.рф', username: 'José', at: day(2, 0), confirmedAt: day(9) },
  { email: 'plain@example.com', username: 'plain.name', at: day(5) },
  { email: "o'neil@example.com", at: day(5), confirmedAt: day(5) },
]
const ids = await insertReferrals(it, code, PEOPLE)
const other = await createAccount(it)
await insertReferrals(it, await createCode(it, other), [{ email: 'plain.two@example.com' }])

async function find(query: Record<string, string>) {
  const asked = new URLSearchParams(query).toString()
  const page = (await get(it, `/api/v1/users/me/referrals?${asked}`, ann)).json()
  expect(page.total).toBe(page.items.length)
  return page.items.map(({ id }: { id: string }) => ids.indexOf(id))
}

test.each([
  ['%', [0]],
  ['_', [1, 0]],
  ['\\', []],
  ['%_%', []],
  ['example.com', [4, 3, 1, 0]],
  ['EXAMPLE.COM', [4, 3, 1, 0]],
  ['percent%s', [0]],
  ['UNDER_', [0]],
  ['дима', [1]],
  ['ДАРЬЯ@', [2]],
  ['почта.рф', [2]],
  ['xn--80a1acny', [2]],
  ['JOSÉ', [2]],
  ['jose\u0301', [2]],
  ["o'n", [4]],
  ["' or 1=1 --", []],
  ['plain', [3]],
  [' ', []],
  ['😀', []],
])('the search for %j is taken literally and in any case', async (q, found) => {
  expect(await find({ q })).toEqual(found)
})

test('status, search and times are combined in every way, each with its own total', async () => {
  const filters = {
    status: ['confirmed', 'pending'],
    q: ['example', 's'],
    created_from: [day(1, 23).toISOString(), '2026-01-05 12:00'],
    created_to: [day(5).toISOString(), '2026-01-02T03:00:00+03:00'],
  }
  const options = Object.entries(filters).map(([name, values]) =>
    [undefined, ...values].map((value) => (value === undefined ? {} : { [name]: value })),
  )
  const queries = options.reduce<Record<string, string>[]>(
    (all, some) => all.flatMap((one) => some.map((other) => ({ ...one, ...other }))),
    [{}],
  )
  expect(queries).toHaveLength(81)
  for (const query of queries) {
    expect(await find(query), JSON.stringify(query)).toEqual(expected(query))
  }
})

function expected({ status, q, created_from, created_to }: Record<string, string>): number[] {
  const time = (text: string) => Date.parse(text === '2026-01-05 12:00' ? `${text}Z` : text)
  return PEOPLE.map((_, at) => at)
    .toReversed()
    .filter((n) => {
      const { email, username = '', at, confirmedAt } = PEOPLE[n]!
      return (
        (status === undefined || status === (confirmedAt ? 'confirmed' : 'pending')) &&
        (q === undefined || `${email}\n${username}`.toLowerCase().includes(q)) &&
        (created_from === undefined || at.getTime() >= time(created_from)) &&
        (created_to === undefined || at.getTime() < time(created_to))
      )
    })
}

test('times at the ends of the calendar are no failure', async () => {
  const [first, last] = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']
  expect(await find({ created_from: first, created_to: last })).toHaveLength(5)
  expect(await find({ created_from: last, created_to: first })).toEqual([])
})

test('the total without a search is read from what is kept, not counted', async () => {
  const [[stranger], root] = [await insertUsers(it, 1), await createAccount(it)]
  await promote(it, root)
  const kept = { referrer_id: stranger!.id, slot: 0, registrations: 1_000_000, confirmed: 400_000 }
  await it.ctx.db.insertInto('referral_totals').values(kept).execute()
  const total = async (query: string) =>
    (await get(it, `/api/v1/users/${stranger!.id}/referrals?${query}`, root)).json().total
  expect(await total('')).toBe(1_000_000)
  expect(await total('status=confirmed')).toBe(400_000)
  expect(await total('status=pending')).toBe(600_000)
  expect(await total('q=a')).toBe(0)
})
