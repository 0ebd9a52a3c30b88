import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createAccount, createCode, inHours, startApp } from '../../test/support/app.ts'
import { startProxy } from '../../test/support/proxy.ts'
import { findBroken, findRow, insertCode, insertUsers } from '../../test/support/rows.ts'
import { startService } from '../../test/support/service.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { deleteOld } from '../privacy/retention.ts'
import { newId } from '../lib/ids.ts'
import { createClickQueue } from './click-queue.ts'
import { insertClicks } from './queries.ts'
import { BROWSER, countClicks, open, outcomes, written } from './links.fixture.ts'

const APP_SECRET = 'one secret for all instances of this test'
const it = await startApp({ APP_SECRET, TRUST_PROXY: '1' })
const other = await startApp({ APP_SECRET, TRUST_PROXY: '1', DATABASE_URL: it.url })
const ann = await createAccount(it, { username: 'ann' })
const code = await createCode(it, ann, { expires_at: inHours(72) })
const { id: code_id } = await findRow(it, code)

const click = (fields: object = {}) => ({
  code_id,
  visitor: newId().replaceAll('-', ''),
  at: Date.now(),
  ...fields,
})

/** What the figures say of clicks on a code. */
async function figures(codeId: string) {
  const { rows } = await sql<{ code: number; quarters: number; referrer: number; overall: number }>`
    select
      (select coalesce(sum(clicks), 0)::int8 from code_totals where code_id = ${codeId}) as code,
      (select coalesce(sum(clicks), 0)::int8 from figures where code_id = ${codeId}) as quarters,
      (select coalesce(sum(t.clicks), 0)::int8 from referral_totals t
        join referral_codes c on c.user_id = t.referrer_id where c.id = ${codeId}) as referrer,
      (select coalesce(sum(clicks), 0)::int8 from overall_figures) as overall`.execute(it.ctx.db)
  return rows[0]!
}

test('a visitor is one click a day for a code, on whichever instance, and others are their own', async () => {
  const visitors = [
    { 'x-forwarded-for': '198.51.100.1' },
    { 'x-forwarded-for': '198.51.100.2' },
    { 'x-forwarded-for': '198.51.100.1', 'user-agent': 'Mozilla/5.0 Another' },
    { 'x-forwarded-for': '2001:db8:1:2::1' },
    { 'x-forwarded-for': '2001:db8:1:3::1' },
  ]
  for (const app of [it, other, it]) {
    await Promise.all(visitors.map((visitor) => open(app, code, visitor)))
  }
  // Another address of the same network.
  await open(it, code, { 'x-forwarded-for': '2001:db8:1:2:ffff::9' })
  await written(other)
  expect(await written(it)).toBe(5)
  expect(await figures(code_id)).toEqual({ code: 5, quarters: 5, referrer: 5, overall: 5 })
  const told = [await outcomes(it), await outcomes(other)]
  const sum = (name: string) => told.reduce((total, one) => total + (one[name] ?? 0), 0)
  expect([sum('counted'), sum('repeated')]).toEqual([5, 11])
})

test('no address and no agent is kept, and the same visitor is another one the next day', async () => {
  const { rows } = await sql<{ row: string }>`
    select c::text || encode(visitor, 'escape') as row from clicks c`.execute(it.ctx.db)
  expect(JSON.stringify(rows)).not.toMatch(/198\.51|2001:db8|Mozilla/)
  const days = await startApp({ APP_SECRET, TRUST_PROXY: '1', DATABASE_URL: it.url })
  const before = await countClicks(it)
  const today = days.ctx.clock.now()
  const visitor = { 'x-forwarded-for': '198.51.100.77' }
  await open(days, code, visitor)
  days.ctx.clock.now = () => today + 86_400_000
  await open(days, code, visitor)
  expect(await written(days)).toBe(before + 2)
  const { rows: kept } = await sql<{ visitors: number; days: number }>`
    select count(distinct visitor) as visitors, count(distinct day) as days from (
      select * from clicks order by at desc limit 2) as last`.execute(it.ctx.db)
  expect(kept).toEqual([{ visitors: 2, days: 2 }])
})

test('the same clicks written by eight at once are counted once, and all at the same moment add up', async () => {
  const [owner] = await insertUsers(it, 1)
  const row = await insertCode(it, owner!)
  const same = Array.from({ length: 200 }, () => click({ code_id: row.id }))
  const shuffled = () => same.toSorted(() => Math.random() - 0.5)
  const added = await Promise.all(
    Array.from({ length: 8 }, () =>
      insertClicks(it.ctx.db, [...shuffled(), click({ code_id: row.id })]),
    ),
  )
  expect(added.reduce((total, one) => total + one, 0)).toBe(208)
  expect(await figures(row.id)).toMatchObject({ code: 208, quarters: 208, referrer: 208 })
  expect(await findBroken(it)).toEqual([])
})

test('clicks go after the next day, what they came to stays, and the doctor finds nothing', async () => {
  const day = 86_400_000
  const midnight = Math.floor(Date.now() / day) * day
  const old = [midnight - day - 1000, midnight - 5 * day].map((at) => click({ at }))
  const recent = [midnight - day + 60_000, midnight + 1000].map((at) => click({ at }))
  await insertClicks(it.ctx.db, [...old, ...recent])
  const before = { rows: await countClicks(it), figures: await figures(code_id) }
  expect(await findBroken(it)).toEqual([])
  await deleteOld(it.ctx)
  expect(await countClicks(it)).toBe(before.rows - 2)
  expect(await figures(code_id)).toEqual(before.figures)
  expect(await findBroken(it)).toEqual([])
})

test('a click that is counted wrongly is found', async () => {
  const add = (clicks: number) =>
    sql`update figures set clicks = clicks + ${clicks} where ctid = (
      select ctid from figures where code_id = ${code_id} order by at desc limit 1)`.execute(
      it.ctx.db,
    )
  await add(1)
  expect(await findBroken(it)).toMatchObject([{ id: 'I8' }])
  await add(-1)
  expect(await findBroken(it)).toEqual([])
})

test('what does not fit is dropped and told, and nothing is lost while the database is away', async () => {
  const told: Record<string, number> = {}
  const kept: unknown[] = []
  let away = true
  const queue = createClickQueue({
    write: async (batch) => {
      if (away) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
      kept.push(...batch)
      return batch.length
    },
    count: (outcome, clicks) => (told[outcome] = (told[outcome] ?? 0) + clicks),
    log: it.ctx.log,
  })
  for (let i = 0; i < 50_100; i++) queue.add(click({ at: i }))
  expect(queue.waiting()).toBe(50_000)
  expect(told).toEqual({ dropped: 100 })
  away = false
  await queue.close()
  expect([queue.waiting(), kept.length]).toEqual([0, 50_000])
  expect(told).toMatchObject({ dropped: 100, counted: 50_000 })
})

test('a batch that can never be written holds up no others', async () => {
  const told: Record<string, number> = {}
  let calls = 0
  const queue = createClickQueue({
    write: async (batch) => {
      if (calls++ === 0) throw new Error('a click that no table takes')
      return batch.length
    },
    count: (outcome, clicks) => (told[outcome] = (told[outcome] ?? 0) + clicks),
    log: it.ctx.log,
  })
  for (let i = 0; i < 5100; i++) queue.add(click())
  await queue.close()
  expect(told).toMatchObject({ dropped: 1000, counted: 4100 })
})

test('clicks made while the database is cut off arrive when it is back', async () => {
  const network = await startProxy(it.url)
  const cut = await startApp({ APP_SECRET, TRUST_PROXY: '1', DATABASE_URL: network.url })
  const before = await countClicks(it)
  await open(cut, code, { 'x-forwarded-for': '198.51.100.90' })
  await written(cut)
  for (let i = 0; i < 5; i++) await open(cut, code, { 'x-forwarded-for': `198.51.100.${91 + i}` })
  network.refuse()
  const failed = () => cut.logged.some(({ msg }) => msg === 'clicks not written')
  await expect.poll(failed).toBe(true)
  expect((await open(cut, 'NEVER-SEEN')).headers.location).toBe('/join/NEVER-SEEN')
  network.pass()
  await expect.poll(() => countClicks(it)).toBe(before + 6)
})

test('a stop loses nothing, a kill a second at most, and the metrics say what waits', async () => {
  const env = {
    DATABASE_URL: it.url,
    APP_SECRET,
    RATE_LIMITS: 'off',
    TRUST_PROXY: '1',
    LOG_LEVEL: 'warn',
  }
  // Not fetch, which says of itself that it opens no page.
  const visit = async (address: string, from: string) => {
    const asked = request(`${address}/r/${code}`, {
      headers: { ...BROWSER, 'x-forwarded-for': from },
    }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    await answer.resume().toArray()
  }
  const stopped = await startService(env, ['--no-worker'])
  const before = await countClicks(it)
  for (let i = 0; i < 50; i++) await visit(stopped.address, `203.0.113.${i}`)
  stopped.child.kill('SIGTERM')
  await stopped.exited
  expect(await countClicks(it)).toBe(before + 50)

  const killed = await startService(env, ['--no-worker'])
  const passed = startStopwatch()
  const made: number[] = []
  const until = new AbortController()
  const visiting = (async () => {
    for (let i = 0; !until.signal.aborted; i++) {
      await visit(killed.address, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
      made.push(passed())
    }
  })().catch(() => {})
  while (passed() < 3500) await sleep(20)
  const metrics = await (await fetch(`${killed.address}/metrics`)).text()
  expect(metrics).toMatch(/^invitree_clicks_waiting \d+$/m)
  killed.child.kill('SIGKILL')
  const end = passed()
  until.abort()
  await Promise.all([killed.exited, visiting])
  const lost = made.length - ((await countClicks(it)) - before - 50)
  // A flush that was under way when the process died may or may not have been committed.
  const unflushed = made.filter((at) => at > end - 1500).length
  expect(lost).toBeLessThanOrEqual(unflushed)
  expect(made.length).toBeGreaterThan(unflushed)
  expect(await findBroken(it)).toEqual([])
})
