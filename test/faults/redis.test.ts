import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { connectRedis, hasRedisServer, startRedis } from '../support/redis.ts'
import { startInstance } from './servers.ts'
import { seedOf, survive } from './trial.ts'

const LASTS_MS = 2500
// What I13 allows while the cache is cut off from what invalidates it.
const STALE_MS = 5000

const NONE = ' (skipped: no redis-server installed)'
const without = hasRedisServer ? '' : NONE

test.skipIf(!hasRedisServer)(
  `whatever becomes of Redis, no request fails, limits stay closed, and nothing is stale for long${without}`,
  async () => {
    const url = await cloneDatabase()
    let redis = await startRedis()
    const client = await connectRedis(redis.url)
    const env = { DATABASE_URL: url, REDIS_URL: redis.url, RATE_LIMITS: 'on' }
    const { address } = await startInstance(env)
    const ask = (
      path: string,
      body?: object,
      headers: Record<string, string> = {},
      method = 'POST',
    ) =>
      fetch(`${address}/api/v1${path}`, {
        method: body ? method : 'GET',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      })
    /** How many of twelve guesses at once are let through; the wait after five is for all others. */
    const letThrough = async (email: string) => {
      const guess = { email, password: 'a wrong password' }
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask('/auth/login', guess)))
      return answers.filter(({ status }) => status !== 429).length
    }

    const email = 'watcher@example.com'
    await ask('/auth/register', { email, password: PASSWORD })
    const { access_token } = (await (
      await ask('/auth/login', { email, password: PASSWORD })
    ).json()) as { access_token: string }
    const headers = { authorization: `Bearer ${access_token}` }
    const replace = async () => {
      const expires_at = new Date(Date.now() + 3_600_000).toISOString()
      const made = await ask('/referrals/code', { expires_at }, headers, 'PUT')
      return ((await made.json()) as { code: string }).code
    }
    const isActive = async (code: string) => {
      const found = (await (await ask(`/referrals/codes/${code}`)).json()) as { is_active: boolean }
      return found.is_active
    }
    /** For how long a code was shown as active after its replacement had been answered. */
    const staleMs = async (code: string) => {
      while (!(await isActive(code))) await sleep(5)
      await isActive(code)
      await replace()
      const since = performance.now()
      for (let last = 0; ; last = performance.now() - since) {
        if (!(await isActive(code))) return last
      }
    }

    const faults = [
      {
        name: 'killed',
        async bite() {
          redis.process.kill('SIGKILL')
          await once(redis.process, 'exit')
        },
        async undo() {
          redis = await startRedis(new URL(redis.url).port)
        },
      },
      {
        name: 'paused',
        bite: async () => redis.process.kill('SIGSTOP'),
        undo: async () => redis.process.kill('SIGCONT'),
      },
      { name: 'emptied', bite: () => client.flushAll(), undo: async () => {} },
      {
        name: 'full of junk',
        async bite() {
          const keys = await client.keys('*')
          expect(keys.length).toBeGreaterThan(0)
          for (const key of keys) await client.set(key, '{"v":1,"state":"junk"')
        },
        undo: async () => {},
      },
      {
        name: 'read-only',
        async bite() {
          await client.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
          await expect(client.set('any', 'thing')).rejects.toThrow('READONLY')
        },
        undo: () => client.sendCommand(['REPLICAOF', 'NO', 'ONE']),
      },
    ]
    for (const [number, { name, bite, undo }] of faults.entries()) {
      expect(await letThrough(`before-${number}@example.com`)).toBeLessThan(12)
      const trial = { fault: `Redis ${name}`, times: 1, seed: seedOf(30 + number) }
      const { history } = await survive(trial, { address, url }, async (load) => {
        const code = await replace()
        await bite()
        const stale = staleMs(code)
        const until = performance.now() + LASTS_MS
        for (const when of ['before', 'during']) {
          expect(await letThrough(`${when}-${number}@example.com`)).toBeLessThan(12)
        }
        await sleep(Math.max(0, until - performance.now()))
        await undo()
        const recovery = await load.firstSuccess(performance.now())
        expect(await stale).toBeLessThan(STALE_MS)
        return [recovery]
      })
      expect(history.filter(({ status }) => status >= 500)).toEqual([])
    }
  },
)
