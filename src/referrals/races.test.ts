import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import {
  countWaiting,
  findBroken,
  insertCode,
  insertUsers,
  untried,
} from '../../test/support/rows.ts'
import { create, extend, retireActive } from '../codes/service.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { foldCode } from '../lib/code-text.ts'
import { newId } from '../lib/ids.ts'
import type { Newcomer } from './judgement.ts'
import { attribute } from './service.ts'

const it = await startApp()
const mine = '/api/v1/referrals/code'
const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)))
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
const marker = () => `${newId()}.example.com`

const register = (code: string, domain: string) =>
  post(it, '/api/v1/auth/register', {
    email: `${newId()}@${domain}`,
    password: PASSWORD,
    referral_code: code,
  })

/** What registration does once the password is hashed, so that hundreds can do it at once. */
async function arrive(code: string, meanwhile = async () => {}): Promise<string> {
  try {
    await untried(it, async (ctx) => {
      await attribute(ctx, await insertOne(ctx), code)
      await meanwhile()
    })
    return 'ok'
  } catch (error) {
    if (error instanceof AppError && error.kind === 'invalid') return error.code
    throw error
  }
}

const insertOne = async (ctx: Context) => (await insertUsers({ ...it, ctx }, 1))[0]!

async function countAccounts(domain: string): Promise<number> {
  const found = await it.ctx.db
    .selectFrom('users')
    .select('id')
    .where('email', 'like', `%@${domain}`)
    .execute()
  return found.length
}

/** Gives something an end in so many milliseconds, or in more where this machine is too slow for that. */
async function endingIn<T>(ms: number, work: (expires_at: string) => Promise<T>): Promise<T> {
  for (let ahead = ms; ; ahead *= 2) {
    try {
      return await work(inMs(ahead))
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'expires_at_in_past')) throw error
    }
  }
}

const extendTo = (userId: string) => (expires_at: string) => extend(it.ctx, userId, { expires_at })

async function over({ expires_at }: { expires_at: Date }): Promise<void> {
  while (Date.now() < expires_at.getTime() + 50) await sleep(20)
}

const lockCode = (db: Context['db'], code: string) =>
  db.selectFrom('referral_codes').select('id').where('code', '=', code).forUpdate().execute()

const referralsBy = (code: string) =>
  it.ctx.db
    .selectFrom('referrals')
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .select(['attributed_at', 'code_expires_at', 'expires_at', 'retired_at'])
    .where('code_key', '=', foldCode(code))
    .execute()

test('of sixty registrations across an expiry none is attributed late', async () => {
  const [ann] = await insertUsers(it, 1)
  const { code } = await create(it.ctx, ann!.id, { expires_at: inHours(1) })
  const first = await arrive(code)
  const isOver = endingIn(300, extendTo(ann!.id)).then(over)
  const outcomes = await times(60, async (n) => {
    await sleep(n * 10)
    return arrive(code)
  })
  await isOver
  outcomes.push(first, await arrive(code))
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'referral_code_expired']))
  expect(await referralsBy(code)).toHaveLength(outcomes.filter((one) => one === 'ok').length)
  expect(await findBroken(it)).toEqual([])
})

test('registrations that waited for the code until it had expired leave no account', async () => {
  // Longer each time that this machine was too slow for all to wait before the end.
  for (let ms = 1500; ; ms *= 3) {
    const ann = await createAccount(it)
    const [domain, code] = [marker(), await createCode(it, ann)]
    const { expires_at } = await endingIn(ms, extendTo(ann.id))
    const waiting = await it.ctx.db.transaction().execute(async (db) => {
      await lockCode(db, code)
      const registrations = times(8, () => register(code, domain))
      let most = 0
      while (Date.now() < expires_at.getTime() + 50) {
        most = Math.max(most, await countWaiting(it))
        await sleep(20)
      }
      return { registrations, most }
    })
    for (const answer of await waiting.registrations) {
      expect(answer.json()).toMatchObject({ status: 422, code: 'referral_code_expired' })
    }
    expect(await countAccounts(domain)).toBe(0)
    expect(await referralsBy(code)).toEqual([])
    if (waiting.most === 8) return
  }
})

test('retiring waits for the registrations that hold the code, and none comes after it', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const [held, holding] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holder = arrive(code, () => (holding.resolve(), held.promise))
  await holding.promise

  const retiring = send(it, { method: 'DELETE', url: mine }, ann)
  await expect.poll(() => countWaiting(it)).toBe(1)
  const late = times(3, () => arrive(code))
  held.resolve()
  expect(await holder).toBe('ok')
  expect((await retiring).statusCode).toBe(204)
  expect(await late).toEqual(Array.from({ length: 3 }, () => 'referral_code_retired'))
  const [referral, ...others] = await referralsBy(code)
  expect(others).toEqual([])
  expect(referral!.attributed_at.getTime()).toBeLessThan(referral!.retired_at!.getTime())
})

test('registrations that race with twenty retirements are in order with every one', async () => {
  const users = await insertUsers(it, 20)
  const outcomes = await times(20, async (n) => {
    const { code } = await create(it.ctx, users[n]!.id, { expires_at: inHours(1) })
    const [retired, ...arrived] = await Promise.all([
      sleep(Math.random() * 60).then(() => retireActive(it.ctx, users[n]!.id)),
      ...Array.from({ length: 20 }, () => sleep(Math.random() * 100).then(() => arrive(code))),
    ])
    expect(retired).toBeUndefined()
    return arrived
  })
  expect(new Set(outcomes.flat())).toEqual(new Set(['ok', 'referral_code_retired']))
  expect(await findBroken(it)).toEqual([])
})

test('a referral keeps the expiry that it was made under, whatever becomes of the code', async () => {
  const ann = await createAccount(it)
  const expires_at = inHours(24)
  const code = await createCode(it, ann, { expires_at })
  await arrive(code)
  for (const hours of [48, 2]) {
    await send(it, { method: 'PATCH', url: mine, payload: { expires_at: inHours(hours) } }, ann)
  }
  const [referral] = await referralsBy(code)
  expect(referral!.code_expires_at.toISOString()).toBe(expires_at)
})

test('no registration is later than an expiry that was moved nearer meanwhile', async () => {
  const users = await insertUsers(it, 3)
  const outcomes = await times(3, async (n) => {
    const { code } = await create(it.ctx, users[n]!.id, { expires_at: inHours(1) })
    const [, ...arrived] = await Promise.all([
      sleep(100)
        .then(() => endingIn(300, extendTo(users[n]!.id)))
        .then(over),
      ...Array.from({ length: 30 }, (_, at) => sleep(at * 20).then(() => arrive(code, pause))),
    ])
    arrived.push(await arrive(code))
    for (const { attributed_at, expires_at } of await referralsBy(code)) {
      expect(attributed_at.getTime()).toBeLessThan(expires_at.getTime())
    }
    return arrived
  })
  expect(new Set(outcomes.flat())).toEqual(new Set(['ok', 'referral_code_expired']))
})
const pause = () => sleep(Math.random() * 20)

test('a registration that waited for an expiry to be moved nearer is held to the new one', async () => {
  const [ann] = await insertUsers(it, 1)
  const { code } = await create(it.ctx, ann!.id, { expires_at: inHours(1) })
  const waited = await endingIn(200, (expires_at) =>
    untried(it, async (ctx) => {
      const extended = await extend(ctx, ann!.id, { expires_at })
      const arrived = arrive(code)
      await expect.poll(() => countWaiting(it)).toBe(1)
      await over(extended)
      return { arrived }
    }),
  )
  expect(await waited.arrived).toBe('referral_code_expired')
})

test('nobody is referred twice, by themselves, or by somebody who came later', async () => {
  const [ann, bob, eve] = await insertUsers(it, 3)
  const [ofAnn, ofBob] = [await insertCode(it, ann!), await insertCode(it, bob!)]
  const refer = (user: Newcomer, { code }: { code: string }) =>
    untried(it, (ctx) => attribute(ctx, user, code))
  await refer(bob!, ofAnn)
  await refer(eve!, ofBob)
  await expect(refer(eve!, ofAnn)).rejects.toMatchObject({ constraint: 'referrals_pkey' })
  await expect(refer(ann!, ofAnn)).rejects.toMatchObject({ constraint: 'referrals_no_cycle' })
  await expect(refer(ann!, ofBob)).rejects.toMatchObject({ constraint: 'referrals_no_cycle' })
  await expect(refer({ ...ann!, seq: 1e9 }, ofBob)).rejects.toMatchObject({ code: '23503' })
})
