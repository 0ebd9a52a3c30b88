import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { startApp } from '../../test/support/app.ts'
import { startProxy } from '../../test/support/proxy.ts'
import type { JobName } from './catalogue.ts'
import { QUEUES } from './catalogue.ts'
import { type Handlers, openJobs } from './boss.ts'

// At one job a poll they would take 60 s.
vi.setConfig({ testTimeout: 45_000 })

const QUIET = { warn: () => {} }

/** Does nothing but tell whom it would enrich. */
function enriching(tell: (userId: string) => void): Handlers {
  const names = Object.keys(QUEUES) as JobName[]
  const nothing = Object.fromEntries(names.map((name) => [name, async () => {}]))
  return {
    ...(nothing as unknown as Handlers),
    'accounts.enrich': async ({ payload }) => tell(payload.user_id),
  }
}

test('jobs that wait are done one after another, not one at each look at the queue', async () => {
  const { url, ctx } = await startApp()
  for (let i = 0; i < 120; i++) {
    await ctx.jobs.enqueue(ctx.db, 'accounts.enrich', { user_id: `number ${i}` })
  }
  const done: string[] = []
  const queue = await openJobs(url, QUIET)
  await queue.work(enriching((id) => done.push(id)))
  try {
    await vi.waitFor(() => expect(done).toHaveLength(120), { timeout: 40_000 })
  } finally {
    await queue.close()
  }
  expect(new Set(done).size).toBe(120)
})

test('a worker whose line to the database goes silent takes another, and goes on', async () => {
  const { url, ctx } = await startApp()
  const line = await startProxy(url)
  const done: string[] = []
  const queue = await openJobs(line.url, QUIET, 1000)
  await queue.work(enriching((id) => done.push(id)))
  try {
    line.blackHole()
    await sleep(1500) // longer than a worker waits between two looks
    line.pass()
    await ctx.jobs.enqueue(ctx.db, 'accounts.enrich', { user_id: 'somebody' })
    await vi.waitFor(() => expect(done).toEqual(['somebody']), { timeout: 30_000 })
  } finally {
    await queue.close()
  }
})

test('a queue that cannot be opened leaves no connection behind', async () => {
  const { url, ctx } = await startApp()
  const connections = async () => {
    const { rows } = await sql`select from pg_stat_activity
      where datname = current_database() and application_name = 'invitree jobs'`.execute(ctx.db)
    return rows.length
  }
  const before = await connections()
  await sql`create function pgboss.refuse() returns trigger language plpgsql
    as $$ begin raise 'no queue today'; end $$`.execute(ctx.db)
  await sql`create trigger refuse before update on pgboss.queue
    execute function pgboss.refuse()`.execute(ctx.db)
  await expect(openJobs(url, QUIET)).rejects.toThrow('no queue today')
  await vi.waitFor(async () => expect(await connections()).toBe(before))
})
