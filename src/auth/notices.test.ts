import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  createAccount,
  get,
  PASSWORD,
  post,
  send,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { newId } from '../lib/ids.ts'

const it = await startApp({ RATE_LIMITS: 'on' })
const TIMES = 6

/** Signs in again and again, each time with a program never seen; returns which statuses that was answered. */
async function signInOften(it: TestApp, email: string) {
  const statuses = new Set<number>()
  for (let time = 0; time < TIMES; time++) {
    const { statusCode } = await send(it, {
      method: 'POST',
      url: '/api/v1/auth/login',
      remoteAddress: '203.0.113.7',
      headers: { 'user-agent': newId() },
      payload: { email, password: PASSWORD },
    })
    statuses.add(statusCode)
  }
  return [...statuses]
}

async function countMails({ ctx }: TestApp, mail: string, userId: string) {
  const { rows } = await sql<{ count: number }>`select count(*) from pgboss.job
    where name = 'mail' and data ->> 'mail' = ${mail} and data ->> 'user_id' = ${userId}`.execute(
    ctx.db,
  )
  return rows[0]?.count
}

const confirm = (id: string) =>
  it.ctx.db
    .updateTable('users')
    .set({ email_verified_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .execute()

test('a confirmed address is told of new devices, three times an hour at most', async () => {
  const ann = await createAccount(it)
  await confirm(ann.id)
  expect(await signInOften(it, ann.email)).toEqual([200])
  expect(await countMails(it, 'new_device', ann.id)).toBe(3)
})

test('an address that nobody confirmed is told of no device; the account shows them all', async () => {
  const ann = await createAccount(it)
  expect(await signInOften(it, ann.email)).toEqual([200])
  expect(await countMails(it, 'new_device', ann.id)).toBe(0)
  const { items } = (await get(it, '/api/v1/users/me/security-events', ann)).json()
  expect(items.map(({ action }: { action: string }) => action)).toEqual(
    Array.from({ length: TIMES }, () => 'account.new_device'),
  )
})

test('where no address is ever confirmed each is told, three times an hour at most', async () => {
  const open = await startApp({ RATE_LIMITS: 'on', EMAIL_VERIFICATION: 'off' })
  const ann = await createAccount(open)
  expect(await signInOften(open, ann.email)).toEqual([200])
  expect(await countMails(open, 'new_device', ann.id)).toBe(3)
})

test('a sign-in refused for want of a confirmed address sends three links an hour at most', async () => {
  const strict = await startApp({ RATE_LIMITS: 'on', EMAIL_VERIFICATION: 'required' })
  const payload = { email: `${newId()}@example.com`, password: PASSWORD }
  const registered = await send(strict, { method: 'POST', url: '/api/v1/auth/register', payload })
  const { id } = registered.json()
  const byRegistration = 1
  expect(await signInOften(strict, payload.email)).toEqual([403])
  expect(await countMails(strict, 'verify', id)).toBe(byRegistration + 3)
})

test.each([
  ['each time at an address that was confirmed', true, TIMES],
  ['three times an hour at most at one that was not', false, 3],
])('a changed password is told %s', async (_, confirmed, told) => {
  const ann = await createAccount(it)
  if (confirmed) await confirm(ann.id)
  const same = { current_password: PASSWORD, new_password: PASSWORD }
  for (let time = 0; time < TIMES; time++) {
    const changed = await post(it, '/api/v1/auth/change-password', same, ann)
    expect(changed.statusCode, changed.body).toBe(204)
  }
  expect(await countMails(it, 'password_changed', ann.id)).toBe(told)
})
