import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAccount, get, inHours, post, send, startApp } from '../../test/support/app.ts'
import {
  expireCode,
  findBroken,
  findRow,
  insertCode,
  insertUsers,
  untried,
} from '../../test/support/rows.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { create, extend, replace, retireActive } from './service.ts'

const it = await startApp()
const mine = '/api/v1/referrals/code'
const expires_at = inHours(24)
const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)))
const codesOf = (userId: string) =>
  it.ctx.db.selectFrom('referral_codes').selectAll().where('user_id', '=', userId).execute()

/** What a call of a service came to: ok, or the code of a refusal. A failure fails the test. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (error instanceof AppError && error.kind !== 'unavailable') return error.code
    throw error
  }
}

test('fifty creates at once by one user give one active code and 49 refusals', async () => {
  const ann = await createAccount(it)
  const answers = await times(50, () => post(it, mine, { expires_at }, ann))
  const statuses = answers.map(({ statusCode }) => statusCode)
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  expect(statuses.filter((status) => status === 409)).toHaveLength(49)
  expect(await codesOf(ann.id)).toMatchObject([{ retired_at: null }])
})

test('fifty creates at once after an expiry give one code more, and the old one is over', async () => {
  const ann = await createAccount(it)
  const { code } = await insertCode(it, ann)
  await expireCode(it, code)
  const answers = await times(50, () => post(it, mine, { expires_at }, ann))
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1)
  expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(49)
  const row = await findRow(it, code)
  expect(row.retired_at).toEqual(row.expires_at)
  expect(await codesOf(ann.id)).toHaveLength(2)
})

test('fifty replacements at once all succeed, one code stays, and no two were valid together', async () => {
  const ann = await createAccount(it)
  const request = { method: 'PUT', url: mine, payload: { expires_at } } as const
  const answers = await times(50, () => send(it, request, ann))
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(50)
  const codes = await codesOf(ann.id)
  expect(codes).toHaveLength(50)
  expect(codes.filter(({ retired_at }) => retired_at === null)).toHaveLength(1)
  expect(await findBroken(it)).toEqual([])
})

test('fifty deletions at once retire the code once', async () => {
  const ann = await createAccount(it)
  await post(it, mine, { expires_at }, ann)
  const answers = await times(50, () => send(it, { method: 'DELETE', url: mine }, ann))
  expect(answers.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1)
  expect(answers.filter(({ statusCode }) => statusCode === 404)).toHaveLength(49)
})

test('one text wanted by thirty users at once, in all its disguises, goes to one', async () => {
  const users = await insertUsers(it, 30)
  const disguises = ['SOLO-1', 'S0L0-I', 'solo-l', 'so1o-i']
  const outcomes = await times(30, (n) =>
    outcome(create(it.ctx, users[n]!.id, { expires_at, code: disguises[n % 4]! })),
  )
  expect(outcomes.filter((one) => one === 'ok')).toHaveLength(1)
  expect(outcomes.filter((one) => one === 'code_taken')).toHaveLength(29)
})

test('a storm of all changes by twelve users breaks no invariant and meets no deadlock', async () => {
  const users = await insertUsers(it, 12)
  const soon = () => new Date(Date.now() + 20 + Math.random() * 60).toISOString()
  const changes = [
    (ctx: Context, id: string) => create(ctx, id, { expires_at: soon() }),
    (ctx: Context, id: string) => create(ctx, id, { expires_at, code: `TEXT-${random(40)}` }),
    (ctx: Context, id: string) => replace(ctx, id, { expires_at, code: `TEXT-${random(40)}` }),
    (ctx: Context, id: string) => replace(ctx, id, { expires_at }),
    (ctx: Context, id: string) => extend(ctx, id, { expires_at: soon() }),
    (ctx: Context, id: string) => retireActive(ctx, id),
  ]
  const outcomes = await times(600, async (n) => {
    await sleep(Math.random() * 1500)
    const change = changes[random(changes.length)]!
    return outcome(untried<unknown>(it, (ctx) => change(ctx, users[n % users.length]!.id)))
  })
  const refusals = ['active_code_exists', 'code_taken', 'code_not_found', 'expires_at_in_past']
  expect(new Set(outcomes).difference(new Set(['ok', ...refusals]))).toEqual(new Set())
  expect(outcomes.filter((one) => one === 'ok').length).toBeGreaterThan(100)
  expect(await findBroken(it)).toEqual([])
})

test('an expiry that passes while the change waits is a refusal, not a failure', async () => {
  const ann = await createAccount(it)
  await post(it, mine, { expires_at }, ann)
  const soon = new Date(Date.now() + 150).toISOString()
  const requests = [
    { method: 'PATCH', url: mine, payload: { expires_at: soon } },
    { method: 'PUT', url: mine, payload: { expires_at: soon } },
  ] as const
  const answers = await it.ctx.db.transaction().execute(async (db) => {
    await db.selectFrom('users').select('id').where('id', '=', ann.id).forUpdate().execute()
    const waiting = requests.map((request) => send(it, request, ann))
    await sleep(200)
    return { waiting }
  })
  for (const answer of await Promise.all(answers.waiting)) {
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'expires_at_in_past',
      errors: [{ pointer: '/expires_at' }],
    })
  }
  expect((await get(it, mine, ann)).json()).toMatchObject({ expires_at })
})

const random = (below: number) => Math.floor(Math.random() * below)
