import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  get,
  inHours,
  PASSWORD,
  post,
  startApp,
} from '../../test/support/app.ts'
import { whenDone } from '../../test/support/cleanup.ts'
import { findBroken, insertUsers, untried } from '../../test/support/rows.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { create, extend, retireActive } from '../codes/service.ts'
import { connect } from '../db/connect.ts'
import { newId } from '../lib/ids.ts'
import { attribute } from './service.ts'

const AT_ONCE = 20

const it = await startApp()
// As several instances together would have them.
const wide = connect(it.url, { max: AT_ONCE, patienceMs: PATIENCE_MS })
whenDone(() => wide.db.destroy())
const others = { ...it, ctx: { ...it.ctx, db: wide.db } }

const times = <T>(count: number, work: () => Promise<T>) =>
  Promise.all(Array.from({ length: count }, work))
const arrive = (code: string) =>
  untried(others, async (ctx) => {
    const [user] = await insertUsers({ ...others, ctx }, 1)
    await attribute(ctx, user!, code)
  })

test('eighty registrations at once by one popular code all count, and nothing is off by one', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const register = () =>
    post(it, '/api/v1/auth/register', {
      email: `${newId()}@example.com`,
      password: PASSWORD,
      referral_code: code,
    })
  const [answers] = await Promise.all([times(16, register), times(64, () => arrive(code))])
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(16)
  expect((await get(it, '/api/v1/referrals/code', ann)).json().uses).toBe(80)
  expect((await get(it, '/api/v1/users/me/referrals', ann)).json().total).toBe(80)
  const summary = (await get(it, '/api/v1/users/me/referrals/summary', ann)).json()
  expect(summary.registrations).toBe(80)
  expect(await findBroken(it)).toEqual([])
})

test.each([
  ['moved', (id: string) => extend(it.ctx, id, { expires_at: inHours(2) })],
  ['retired', (id: string) => retireActive(it.ctx, id)],
])(
  'a code is %s at once, however many registrations by it follow each other',
  async (_, change) => {
    const [ann] = await insertUsers(it, 1)
    const { code } = await create(it.ctx, ann!.id, { expires_at: inHours(1) })
    const stop = new AbortController()
    let registered = 0
    const stream = times(AT_ONCE, async () => {
      while (!stop.signal.aborted) {
        await arrive(code).then(
          () => registered++,
          () => sleep(1), // retired
        )
      }
    })
    await expect.poll(() => registered).toBeGreaterThan(AT_ONCE)
    const before = registered
    await change(ann!.id).finally(() => stop.abort())
    // Those that were under way or waited already, and no queue of new ones behind them.
    expect(registered - before).toBeLessThan(10 * AT_ONCE)
    await stream
    expect(await findBroken(it)).toEqual([])
  },
)
