import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { cloneDatabase } from '../support/database.ts'
import { randomOf } from './generator.ts'
import { often, startInstance } from './servers.ts'
import { seedOf, survive } from './trial.ts'

test('killed at random moments under load, the service loses nothing that it acknowledged', async () => {
  const url = await cloneDatabase()
  const instance = await startInstance({ DATABASE_URL: url })
  const [times, seed] = [often(20, 200), seedOf(1)]
  const trial = { fault: 'kill -9 of the service', times, seed }
  const { figures } = await survive(trial, { address: instance.address, url }, async (load) => {
    const random = randomOf(seed)
    const recoveries: number[] = []
    for (let kill = 0; kill < times; kill++) {
      await sleep(random() * 300)
      recoveries.push(await instance.killAndStart())
      await load.more('ok')
    }
    return recoveries
  })
  // It bit: requests were under way when it was killed.
  expect(figures.unknown).toBeGreaterThan(0)
})
