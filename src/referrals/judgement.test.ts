import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createAccount, createCode, get, PASSWORD, post, startApp } from '../../test/support/app.ts'
import { whenDone } from '../../test/support/cleanup.ts'
import { listMails, tokenIn, waitForMail } from '../../test/support/mail.ts'
import { findBroken, insertCode, insertUsers, untried } from '../../test/support/rows.ts'
import { connect } from '../db/connect.ts'
import { newId } from '../lib/ids.ts'
import type { Newcomer } from './judgement.ts'
import { attribute } from './service.ts'

const AT_ONCE = 64

const it = await startApp()
// More than a code has places, fewer than a server gives connections.
const wide = connect(it.url, { max: 32 })
whenDone(() => wide.db.destroy())
const others = { ...it, ctx: { ...it.ctx, db: wide.db } }

const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)))
const arrive = (code: string, how: Partial<Newcomer> = {}) =>
  untried(others, async (ctx) => {
    const [user] = await insertUsers({ ...others, ctx }, 1)
    await attribute(ctx, { ...user!, ...how }, code)
    return user!.id
  })
const standings = (codeId: string) =>
  it.ctx.db
    .selectFrom('referrals')
    .select((where) => ['status', 'reason', where.fn.countAll<number>().as('count')])
    .where('code_id', '=', codeId)
    .groupBy(['status', 'reason'])
    .orderBy('status')
    .execute()
async function newCode() {
  const [owner] = await insertUsers(it, 1)
  return insertCode(it, owner!)
}

test('who registers with an alias of the referrer’s own address is registered, and counts nowhere', async () => {
  const mailing = await startApp({}, { worker: true })
  const box = `ann${newId().replaceAll('-', '')}`
  const ann = await createAccount(mailing, { email: `${box}@gmail.com` })
  const code = await createCode(mailing, ann)
  const alias = `${box.slice(0, 3)}.${box.slice(3)}+friend@googlemail.com`
  const registered = await post(mailing, '/api/v1/auth/register', {
    email: alias,
    password: PASSWORD,
    referral_code: code,
  })
  expect(registered.statusCode).toBe(201)
  const list = (await get(mailing, '/api/v1/users/me/referrals', ann)).json()
  expect(list.items).toMatchObject([{ status: 'refused', reason: 'self_referral_email' }])
  expect((await get(mailing, '/api/v1/referrals/code', ann)).json().uses).toBe(0)
  expect((await get(mailing, '/api/v1/users/me/referrals/summary', ann)).json()).toMatchObject({
    registrations: 0,
    confirmed: 0,
  })

  const link = await waitForMail(mailing, alias, 'Confirm')
  const verified = await post(mailing, '/api/v1/auth/verify-email', { token: tokenIn(link) })
  expect(verified.statusCode).toBe(204)
  await waitForMail(mailing, alias, 'Welcome')
  expect((await get(mailing, '/api/v1/users/me/referrals', ann)).json().items[0].status).toBe(
    'refused',
  )
  const told = (await listMails(mailing)).filter(({ to }) => to === ann.email)
  expect(told.filter(({ subject }) => subject.includes('friend'))).toEqual([])
  expect(await findBroken(mailing)).toEqual([])
})

test('who comes on the referrer’s own device is refused, whatever the address', async () => {
  const code = await newCode()
  const owner = await it.ctx.db
    .selectFrom('referral_codes')
    .select('user_id')
    .where('id', '=', code.id)
    .executeTakeFirstOrThrow()
  await arrive(code.code, { cameOnDeviceOf: async (_, id) => id === owner.user_id })
  await arrive(code.code, { cameOnDeviceOf: async (_, id) => id !== owner.user_id })
  expect(await standings(code.id)).toEqual([
    { status: 'pending', reason: null, count: 1 },
    { status: 'refused', reason: 'self_referral_device', count: 1 },
  ])
})

test('of sixty-four at once by one code twenty pass and the rest wait for review', async () => {
  const code = await newCode()
  await times(AT_ONCE, () => arrive(code.code))
  expect(await standings(code.id)).toEqual([
    { status: 'pending', reason: null, count: 20 },
    { status: 'review', reason: 'velocity', count: 44 },
  ])
  expect(await findBroken(it)).toEqual([])
})

test('an hour after it was taken a place is free again, and not before', async () => {
  const code = await newCode()
  const pass = (time: string) =>
    sql`update code_places set taken_at = taken_at - ${time}::interval`.execute(it.ctx.db)
  await times(20, () => arrive(code.code))
  await pass('59 minutes')
  await arrive(code.code)
  expect(await standings(code.id)).toMatchObject([{ count: 20 }, { status: 'review', count: 1 }])
  await pass('1 minute')
  await times(21, () => arrive(code.code))
  expect(await standings(code.id)).toMatchObject([{ count: 40 }, { status: 'review', count: 2 }])
})

test('what is rolled back takes no place, and those who ran beside it may wait in its stead', async () => {
  const code = await newCode()
  const fail = () =>
    expect(
      untried(others, async (ctx) => {
        const [user] = await insertUsers({ ...others, ctx }, 1)
        await attribute(ctx, user!, code.code)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
  await times<unknown>(AT_ONCE, (n) => (n % 4 === 0 ? fail() : arrive(code.code)))
  const passed = async () =>
    (await standings(code.id)).find(({ status }) => status === 'pending')?.count ?? 0
  expect(await passed()).toBeGreaterThanOrEqual(20 - AT_ONCE / 4)
  expect(await passed()).toBeLessThanOrEqual(20)
  for (let more = 0; more < 20; more++) await arrive(code.code)
  expect(await passed()).toBe(20)
})

test('a refused one takes no place from a friend', async () => {
  const code = await newCode()
  await times(30, () => arrive(code.code, { cameOnDeviceOf: async () => true }))
  await arrive(code.code)
  expect((await standings(code.id))[0]).toEqual({ status: 'pending', reason: null, count: 1 })
})

test('the limit is a setting, and 0 is none', async () => {
  const open = { ...others, ctx: { ...others.ctx, config: { ...it.ctx.config } } }
  for (const [above, waiting] of [
    [0, 0],
    [2, 3],
  ] as const) {
    open.ctx.config.REFERRAL_REVIEW_ABOVE = above
    const code = await newCode()
    await times(5, () =>
      untried(open, async (ctx) => {
        const [user] = await insertUsers({ ...open, ctx }, 1)
        await attribute(ctx, user!, code.code)
      }),
    )
    const found = await standings(code.id)
    expect(found.find(({ status }) => status === 'review')?.count ?? 0).toBe(waiting)
  }
})

test('what waits for review stays there when the friend confirms the address, and nobody is told', async () => {
  const slow = await startApp({ REFERRAL_REVIEW_ABOVE: '1' }, { worker: true })
  const ann = await createAccount(slow)
  const code = await createCode(slow, ann)
  await createAccount(slow, { referral_code: code })
  const bob = await createAccount(slow, { referral_code: code })
  const link = await waitForMail(slow, bob.email, 'Confirm')
  await post(slow, '/api/v1/auth/verify-email', { token: tokenIn(link) })
  await waitForMail(slow, bob.email, 'Welcome')
  const [newest] = (await get(slow, '/api/v1/users/me/referrals', ann)).json().items
  expect(newest).toMatchObject({ id: bob.id, status: 'review', reason: 'velocity' })
  const told = (await listMails(slow)).filter(({ to }) => to === ann.email)
  expect(told.filter(({ subject }) => subject.includes('friend'))).toHaveLength(1)
  expect(await findBroken(slow)).toEqual([])
})
