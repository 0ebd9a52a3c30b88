import { beforeAll, expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  startApp,
} from '../../../test/support/app.ts'
import { insertReferrals, promote } from '../../../test/support/rows.ts'

const it = await startApp({ REFERRAL_REVIEW_ABOVE: '1' })
const at = (day: string) => new Date(`${day}T12:00:00Z`)
let root: Account
let ann: Account
let bob: Account
beforeAll(async () => {
  root = await createAccount(it, { username: 'chief' })
  await promote(it, root)
  ann = await createAccount(it, { username: 'ann' })
  bob = await createAccount(it)
  await insertReferrals(it, await createCode(it, ann, { expires_at: inHours(24 * 30) }), [
    { at: at('2026-02-01'), confirmedAt: at('2026-02-02') },
    { at: at('2026-02-03') },
    { at: at('2026-03-10') },
  ])
  const ofBob = await createCode(it, bob)
  await insertReferrals(it, ofBob, [
    { at: at('2026-02-02'), confirmedAt: at('2026-02-02') },
    { at: at('2026-01-30') },
  ])
  await createAccount(it, { referral_code: ofBob })
  await createAccount(it, { referral_code: ofBob })
})

const overview = (query: Record<string, string>, as: Account | undefined = root) =>
  get(it, `/api/v1/admin/overview?${new URLSearchParams(query).toString()}`, as)
const february = { from: '2026-02-01T00:00:00Z', to: '2026-02-03T00:00:00Z' }

test('the figures of everybody are one series, with the period before', async () => {
  const { series, ...seen } = (await overview(february)).json()
  expect(seen).toMatchObject({
    registrations: 3,
    confirmed: 2,
    clicks: 0,
    registration_rate: null,
    confirmation_rate: 0.6667,
    previous: { registrations: 1, confirmed: 0, confirmation_rate: 0 },
  })
  const day = (n: number, registrations: number, confirmed: number) => ({
    at: `2026-02-0${n}T00:00:00.000Z`,
    clicks: 0,
    registrations,
    confirmed,
  })
  expect(series).toEqual([day(1, 1, 0), day(2, 1, 2), day(3, 1, 0)])
})

test('the top referrers are those of the range, most registrations first', async () => {
  expect((await overview(february)).json().top_referrers).toEqual([
    {
      referrer: { id: ann.id, email: ann.email, username: 'ann' },
      clicks: 0,
      registrations: 2,
      confirmed: 1,
    },
    {
      referrer: { id: bob.id, email: bob.email, username: null },
      clicks: 0,
      registrations: 1,
      confirmed: 1,
    },
  ])
  const march = { from: '2026-03-01T00:00:00Z', to: '2026-03-31T00:00:00Z' }
  expect((await overview(march)).json().top_referrers).toHaveLength(1)
})

test('totals and what is to be done are of all there is', async () => {
  const { totals, to_do } = (await overview({})).json()
  expect(totals).toEqual({
    users: 10,
    codes: 2,
    codes_active: 2,
    referrals_pending: 4,
    referrals_confirmed: 2,
    referrals_review: 1,
    referrals_refused: 0,
  })
  expect(to_do).toEqual({ mails_failed: 0, codes_expiring: 1, referrals_in_review: 1 })
})

test('top referrers and totals are remembered, the figures and the reviews are those of now', async () => {
  const april = { from: '2026-04-01T00:00:00Z', to: '2026-04-02T00:00:00Z' }
  expect((await overview(april)).json().top_referrers).toEqual([])
  const eve = await createAccount(it)
  const code = await createCode(it, eve)
  await insertReferrals(it, code, [{ at: at('2026-04-01') }])
  await createAccount(it, { referral_code: code })
  await createAccount(it, { referral_code: code })
  expect((await overview(april)).json()).toMatchObject({
    registrations: 1,
    top_referrers: [],
    totals: { codes: 2 },
    to_do: { referrals_in_review: 2 },
  })
})

test('only administrators see it, and a range that is wrong is refused by the field’s name', async () => {
  expect((await overview({}, ann)).json()).toMatchObject({ status: 403, code: 'admin_only' })
  expect((await get(it, '/api/v1/admin/overview')).json()).toMatchObject({ status: 401 })
  for (const [query, name] of [
    [{ time_zone: 'Europe/Atlantis' }, 'time_zone'],
    [{ interval: 'hour', from: '2025-01-01T00:00:00Z' }, 'from'],
    [{ range: '30d' }, 'range'],
  ] as const) {
    const refused = (await overview(query as Record<string, string>)).json()
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer: `/query/${name}` }] })
  }
})
