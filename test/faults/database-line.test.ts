import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { cloneDatabase } from '../support/database.ts'
import { startProxy } from '../support/proxy.ts'
import { startInstance } from './servers.ts'
import { seedOf, survive } from './trial.ts'

const url = await cloneDatabase()
const proxy = await startProxy(url)
const { address, service } = await startInstance({ DATABASE_URL: proxy.url })

const FAULTS = [
  { fault: 'line to PostgreSQL ended', bite: () => proxy.cut(), forMs: 0 },
  { fault: 'line to PostgreSQL reset', bite: () => proxy.reset(), forMs: 0 },
  { fault: 'PostgreSQL refuses connections', bite: () => proxy.refuse(), forMs: 1500 },
  { fault: 'PostgreSQL answers 20 ms late', bite: () => proxy.delay(20), forMs: 1500 },
  // Longer than the bound of a connection that owes an answer.
  { fault: 'line to PostgreSQL swallows all', bite: () => proxy.blackHole(), forMs: 9000 },
  { fault: 'reply to COMMIT lost, line ended', bite: () => proxy.loseCommits(), forMs: 1500 },
  {
    fault: 'reply to COMMIT lost in silence',
    bite: () => proxy.loseCommits('silent'),
    forMs: 8000,
  },
]

test.each(FAULTS)('$fault: what was told holds, and it recovers by itself', async (one) => {
  const { fault, bite, forMs } = one
  const bites = proxy.bites
  const trial = { fault, times: 1, seed: seedOf(10 + FAULTS.indexOf(one)) }
  const { recoveries } = await survive(trial, { address, url }, async (load) => {
    bite()
    await sleep(forMs)
    while (proxy.bites === bites) await sleep(10)
    proxy.pass()
    return [await load.firstSuccess(performance.now())]
  })
  expect(Math.max(...recoveries)).toBeLessThan(30_000)
  expect(service.child.exitCode).toBeNull()
})
