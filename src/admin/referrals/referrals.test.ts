import { expect, test } from 'vitest'
import { createAccount, createCode, get, send, startApp } from '../../../test/support/app.ts'
import { insertReferrals, promote } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'

const it = await startApp()
const root = await createAccount(it)
await promote(it, root)
const REFERRALS = '/api/v1/admin/referrals'
const list = async (query: string) =>
  (await get(it, `${REFERRALS}?${encodeURI(query)}`, root)).json()
const idsOf = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id)

const ann = await createAccount(it, { username: 'ann_100', email: 'Ann%Referrer@example.com' })
const zoe = await createAccount(it)
const code = await createCode(it, ann, { code: 'OIL-2027' })
const other = await createCode(it, zoe)
const day = (n: number) => new Date(Date.UTC(2026, 0, n))
const [early, late] = await insertReferrals(it, code, [
  { email: 'early@example.com' },
  { email: 'late@example.com', username: 'late', confirmedAt: new Date() },
])
const [bob] = await insertReferrals(it, other, [{ email: 'bob@example.com' }])

test('a referral is listed with both people, the newest first', async () => {
  const page = await list('size=100')
  expect(idsOf(page)).toEqual([bob, late, early])
  expect(page).toMatchObject({ total: 3, total_is_exact: true })
  expect(page.items[1]).toEqual({
    id: late,
    code,
    status: 'confirmed',
    reason: null,
    created_at: expect.any(String),
    confirmed_at: expect.any(String),
    referred: { id: late, email: 'late@example.com', username: 'late' },
    referrer: { id: ann.id, email: 'Ann%Referrer@example.com', username: 'ann_100' },
  })
})

test.each([
  ['status=confirmed', () => [late]],
  ['status=refused', () => []],
  ['code=0il-2027', () => [late, early]],
  ['code=N0TACODE', () => []],
  [`referrer_id=${zoe.id}`, () => [bob]],
  [`referrer_id=${zoe.id.replaceAll('-', '')}`, () => [bob]],
  ['referrer_id=me', () => []],
  [`referrer_id=${newId()}`, () => []],
  ['q=ANN%REF', () => [late, early]],
  ['q=n_100', () => [late, early]],
  ['q=a%100', () => []],
  ['q=n__00', () => []],
  ['q=late', () => [late]],
  ['q=bob@', () => [bob]],
  [`q=${zoe.id}`, () => [bob]],
  ["q='; drop table users; --", () => []],
  [`created_from=${day(1).toISOString()}`, () => [bob, late, early]],
  [`created_to=${day(1).toISOString()}`, () => []],
  [`code=OIL-2027&status=pending&q=early`, () => [early]],
])('with %s it finds what it says', async (query, ids) => {
  const page = await list(query)
  expect(idsOf(page)).toEqual(ids())
  expect(page.total).toBe(ids().length)
})

test('referrals are walked by page and by cursor, each once', async () => {
  const first = await list('size=2')
  const response = await get(it, `${REFERRALS}?size=2&cursor=${first.next_cursor}`, root)
  expect([...idsOf(first), ...idsOf(response.json())]).toEqual([bob, late, early])
  expect(response.json().next_cursor).toBeNull()
  expect(idsOf(await list('size=2&page=2'))).toEqual([early])
})

test('an erased person stays in the list without a name', async () => {
  const gone = await createAccount(it, { referral_code: other })
  await send(it, { method: 'DELETE', url: '/api/v1/users/me' }, gone)
  const { items } = await list(`q=${gone.id}`)
  expect(items).toMatchObject([{ referred: { id: gone.id, email: null, username: null } }])
})

test.each([
  ['status=done', 'status'],
  ['referrer_id=x', 'referrer_id'],
  ['created_from=yesterday', 'created_from'],
  ['q=', 'q'],
  ['sort=code', 'sort'],
])('asked for with %s it names the field', async (query, field) => {
  expect(await list(query)).toMatchObject({
    status: 422,
    code: 'validation_failed',
    errors: [{ pointer: `/query/${field}` }],
  })
})

test('only administrators see the referrals of everybody', async () => {
  expect((await get(it, REFERRALS, ann)).json()).toMatchObject({ status: 403, code: 'admin_only' })
  expect((await get(it, REFERRALS)).json()).toMatchObject({ status: 401, code: 'unauthorized' })
})
