import { expect, test, vi } from 'vitest'
import { startApp } from '../../test/support/app.ts'
import type { JobName } from './catalogue.ts'
import { QUEUES } from './catalogue.ts'
import { type Handlers, openJobs } from './boss.ts'

// At one job a poll they would take 60 s.
vi.setConfig({ testTimeout: 45_000 })

test('jobs that wait are done one after another, not one at each look at the queue', async () => {
  const { url, ctx } = await startApp()
  for (let i = 0; i < 120; i++) {
    await ctx.jobs.enqueue(ctx.db, 'accounts.enrich', { user_id: `number ${i}` })
  }
  const done: string[] = []
  const names = Object.keys(QUEUES) as JobName[]
  const nothing = Object.fromEntries(names.map((name) => [name, async () => {}]))
  const queue = await openJobs(url, { warn: () => {} })
  await queue.work({
    ...(nothing as unknown as Handlers),
    'accounts.enrich': async ({ payload }) => void done.push(payload.user_id),
  })
  try {
    await vi.waitFor(() => expect(done).toHaveLength(120), { timeout: 40_000 })
  } finally {
    await queue.close()
  }
  expect(new Set(done).size).toBe(120)
})
