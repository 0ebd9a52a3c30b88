import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { knock } from '../../src/db/embedded-knock.ts'
import { startProxy } from '../support/proxy.ts'
import { randomOf } from './generator.ts'
import { often, startInstance, startPostgres } from './servers.ts'
import { seedOf, survive } from './trial.ts'

test('PostgreSQL killed under load: the service stays, and succeeds soon after the database is back', async () => {
  const postgres = await startPostgres()
  const { url } = postgres
  const proxy = await startProxy(url)
  const { address, service } = await startInstance({ DATABASE_URL: proxy.url })
  const [times, seed] = [often(5, 50), seedOf(2)]
  const trial = { fault: 'kill -9 of PostgreSQL', times, seed }
  const { figures, recoveries } = await survive(trial, { address, url }, async (load) => {
    const random = randomOf(seed)
    const recoveries: number[] = []
    for (let kill = 0; kill < times; kill++) {
      const before = postgres.pid
      process.kill(before, 'SIGKILL')
      // Every other time it stays away for longer than a request is tried again.
      if (kill % 2) proxy.refuse()
      while (postgres.pid === before || (await knock(url)) !== 'ready') await sleep(5)
      if (kill % 2) await sleep(1500)
      proxy.pass()
      recoveries.push(await load.firstSuccess(performance.now()))
      await sleep(random() * 300)
    }
    return recoveries
  })
  expect(figures.unknown + figures.failed).toBeGreaterThan(0)
  expect(service.child.exitCode).toBeNull()
  expect(Math.max(...recoveries)).toBeLessThan(30_000)
})
