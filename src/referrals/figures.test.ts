import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { startApp } from '../../test/support/app.ts'
import { whenDone } from '../../test/support/cleanup.ts'
import { findBroken, insertUsers, promote, untried } from '../../test/support/rows.ts'
import { confirmReferral, refuseReferral } from '../admin/reviews/service.ts'
import { create, replace } from '../codes/service.ts'
import { connect } from '../db/connect.ts'
import { newId } from '../lib/ids.ts'
import { attribute, confirm } from './service.ts'
import { mergeSlots } from './summary/queries.ts'

const AT_ONCE = 24
const it = await startApp({ REFERRAL_REVIEW_ABOVE: '40' })
const wide = connect(it.url, { max: AT_ONCE })
whenDone(() => wide.db.destroy())
const others = { ...it, ctx: { ...it.ctx, db: wide.db } }

const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)))
const inAnHour = () => ({ expires_at: new Date(Date.now() + 3_600_000).toISOString() })
const any = <T>(list: T[]): T => list[Math.floor(Math.random() * list.length)]!

async function countSlots() {
  const { rows } = await sql<{ rows: number; quarters: number }>`
    select count(*)::int as rows, count(distinct (referrer_id, at, code_id))::int as quarters
    from figures`.execute(it.ctx.db)
  return rows[0]!
}

test('registrations, confirmations, decisions, retirements and merges at once leave every figure right', async () => {
  const owners = await insertUsers(it, 4)
  const codes = new Map<string, string>()
  for (const { id } of owners) codes.set(id, (await create(it.ctx, id, inAnHour())).code)
  const [root] = await insertUsers(it, 1)
  await promote(it, root!)
  const by = { id: root!.id, request_id: newId() }
  const came: string[] = []

  const arrive = async () => {
    const id = await untried(others, async (ctx) => {
      const [user] = await insertUsers({ ...others, ctx }, 1)
      await attribute(ctx, user!, codes.get(any(owners).id)!)
      return user!.id
    }).catch((error: { code?: string }) => {
      if (error.code !== 'referral_code_retired') throw error
    })
    if (id) came.push(id)
  }
  const verify = (id: string) =>
    untried(others, async (ctx) => {
      const at = sql<Date>`clock_timestamp()`
      await ctx.db
        .updateTable('users')
        .set({ email_verified_at: at })
        .where('id', '=', id)
        .execute()
      await confirm(ctx, id)
    })
  const renew = async () => {
    const { id } = any(owners)
    codes.set(id, (await replace(others.ctx, id, inAnHour())).code)
  }
  await times(AT_ONCE, async (n) => {
    for (let round = 0; round < 20; round++) {
      const id = any(came)
      if (n === 0) await mergeSlots(wide.db, -3_600_000)
      else if (n === 1) await renew()
      else if (n < 14 || !id) await arrive()
      else if (n < 18) await verify(id)
      else if (n < 21) await confirmReferral(others.ctx, by, id)
      else await refuseReferral(others.ctx, by, id, 'other')
    }
  })

  expect(came.length).toBeGreaterThan(100)
  const statuses = await it.ctx.db
    .selectFrom('referrals')
    .select((where) => ['status', where.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute()
  expect(statuses.map(({ status }) => status)).toEqual(
    expect.arrayContaining(['pending', 'confirmed', 'refused']),
  )
  expect(await findBroken(it)).toEqual([])
  await mergeSlots(it.ctx.db, -3_600_000)
  const { rows, quarters } = await countSlots()
  expect(rows).toBe(quarters)
  expect(await findBroken(it)).toEqual([])
})

test('the quarter hours of the last hour and of long ago are not merged', async () => {
  const [ann] = await insertUsers(it, 1)
  const { id: code_id } = await create(it.ctx, ann!.id, inAnHour())
  const ages = ['5 minutes', '3 hours', '5 days']
  for (const age of ages) {
    await sql`insert into figures (referrer_id, at, code_id, slot, clicks)
      select ${ann!.id}, quarter_hour(now() - ${age}::interval), ${code_id}, slot, slot
      from generate_series(0, 3) as slot`.execute(it.ctx.db)
  }
  await mergeSlots(it.ctx.db, 3_600_000)
  const kept = await it.ctx.db
    .selectFrom('figures')
    .select((where) => [where.fn.countAll<number>().as('slots'), where.fn.sum('clicks').as('sum')])
    .where('referrer_id', '=', ann!.id)
    .groupBy('at')
    .orderBy('at')
    .execute()
  expect(kept.map(({ slots, sum }) => [slots, Number(sum)])).toEqual([
    [4, 6],
    [1, 6],
    [4, 6],
  ])
})
