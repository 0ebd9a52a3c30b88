import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { retireActive } from '../../src/codes/service.ts'
import { get, startApp, type TestApp } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { hasRedisServer, startRedis } from '../support/redis.ts'
import { insertCode, insertUsers } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'
import { often } from './servers.ts'
import { publish } from './trial.ts'

const AT_ONCE = often(25, 100)
// What I13 allows between two processes.
const SEEN_MS = 1000

const url = await cloneDatabase()

test.each([
  { where: 'in the process', redis: false },
  { where: 'on Redis', redis: true },
])(
  'a code retired between the load and the fill of a look-up is not served $where',
  async (one) => {
    if (one.redis && !hasRedisServer) return
    const cache = { REDIS_URL: one.redis ? (await startRedis()).url : '' }
    const env = { DATABASE_URL: url, APP_SECRET: 'one for both of them, 32 letters', ...cache }
    const [reader, writer] = [await startApp(env), await startApp(env)]
    const barrier = holdFills(reader)
    let stale = 0
    const times = often(200, 10_000)
    for (let done = 0; done < times; done += AT_ONCE) {
      const users = await insertUsers(reader, AT_ONCE)
      const codes = await Promise.all(users.map((user) => insertCode(reader, user)))
      barrier.close()
      const looks = codes.map(({ code }) => look(reader, code))
      await barrier.reached(AT_ONCE)
      await Promise.all(users.map(({ id }) => retireActive(writer.ctx, id)))
      barrier.open()
      expect(await Promise.all(looks)).not.toContain(false)
      await sleep(SEEN_MS)
      const later = await Promise.all(codes.map(({ code }) => look(reader, code)))
      stale += later.filter((isActive) => isActive).length
    }
    publish({ fault: `look-ups race with retirement, cache ${one.where}`, times, stale })
    expect(stale).toBe(0)
  },
)

/** Holds the fills of look-ups back, once their values were loaded, until the barrier opens. */
function holdFills(it: TestApp) {
  const { read } = it.ctx.cache
  const held: string[] = []
  let gate = Promise.withResolvers<void>()
  it.ctx.cache.read = (key, load) =>
    read(key, async () => {
      const value = await load()
      held.push(key)
      await gate.promise
      return value
    })
  return {
    reached: (count: number) => waitFor(async () => held.length === count),
    open: () => gate.resolve(),
    close() {
      held.length = 0
      gate = Promise.withResolvers<void>()
    },
  }
}

const look = async (it: TestApp, code: string) =>
  (await get(it, `/api/v1/referrals/codes/${code}`)).json().is_active as boolean
