import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { whenDone } from '../../test/support/cleanup.ts'
import { connectRedis, hasRedisServer, startRedis } from '../../test/support/redis.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { createLimits, type Limits } from './limits.ts'
import { createRedisCounts } from './redis.ts'
import { type LimitName, LIMITS, type Rule } from './table.ts'

const redisUrl =
  process.env.TEST_REDIS_URL ?? (hasRedisServer ? (await startRedis()).url : undefined)
const skip = redisUrl ? '' : ' (skipped: no TEST_REDIS_URL, and no redis-server installed)'
const log = { info() {}, warn() {}, error() {} }
const prefix = `test-${randomUUID()}:`

async function onRedis(
  now?: () => number,
  url = redisUrl ?? '',
  options: { patienceMs?: number } = { patienceMs: PATIENCE_MS },
): Promise<Limits> {
  const redis = await createRedisCounts({ redisUrl: url, prefix, log, ...options })
  whenDone(() => redis.close())
  return createLimits({ secret: 'a', enabled: true, redis, ...(now && { now }) })
}
const inProcess = (now?: () => number): Limits =>
  createLimits({ secret: 'a', enabled: true, ...(now && { now }) })

const WINDOWS = Object.entries<Rule>(LIMITS)
  .filter(([, rule]) => !rule.backOff)
  .map(([name, rule]) => ({ name: name as LimitName, ...rule }))

const drivers = [
  { driver: 'in the process', create: inProcess, skip: '' },
  { driver: `on Redis${skip}`, create: onRedis, skip },
]

/** A clock of the test's own, and what is counted by it under keys that nobody used before. */
async function timed(create: (now: () => number) => Limits | Promise<Limits>) {
  const clock = { now: 1_800_000_000_000 }
  return { clock, limits: await create(() => clock.now), key: randomUUID() }
}

describe.each(drivers)('$driver', ({ create, skip }) => {
  test.skipIf(skip).each(WINDOWS)(
    '$name lets $limit through at once, one more after its share of the time, and all after all of it',
    async ({ name, limit, periodMs }) => {
      const { clock, limits, key } = await timed(create)
      const allowed = async () => (await limits.take(name, key)).allowed
      for (let left = limit - 1; left >= 0; left--) {
        expect(await limits.take(name, key)).toMatchObject({ allowed: true, remaining: left })
      }
      const refused = await limits.take(name, key)
      const share = periodMs / limit
      expect(refused).toEqual({
        name,
        allowed: false,
        limit,
        windowSeconds: periodMs / 1000,
        remaining: 0,
        resetSeconds: Math.ceil(share / 1000),
      })
      expect((await limits.take(name, `${key}'s neighbour`)).allowed).toBe(true)
      clock.now += share - 1
      expect(await allowed()).toBe(false)
      clock.now += 1
      expect([await allowed(), await allowed()]).toEqual([true, false])
      clock.now += periodMs
      for (let count = 0; count < limit; count++) expect(await allowed()).toBe(true)
      expect(await allowed()).toBe(false)
    },
  )

  test.skipIf(skip)('five failed sign-ins are free, then each wait is twice the last', async () => {
    const { clock, limits, key } = await timed(create)
    const waits: number[] = []
    for (let failures = 1; failures <= 18; failures++) {
      expect((await limits.take('login', key)).allowed, String(failures)).toBe(true)
      const next = failures < 5 ? undefined : await limits.take('login', key)
      waits.push(next?.resetSeconds ?? 0)
      expect(next?.allowed ?? false).toBe(false)
      clock.now += 1000 * waits.at(-1)!
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900])
    clock.now += 86_400_000
    for (let count = 0; count < 5; count++) {
      expect((await limits.take('login', key)).allowed).toBe(true)
    }
    expect((await limits.take('login', key)).allowed).toBe(false)
  })

  test.skipIf(skip)('of a hundred at once exactly as many get through as may', async () => {
    const { limits, key } = await timed(create)
    for (const name of ['login', 'create_code', 'register_hour'] as const) {
      const taken = await Promise.all(Array.from({ length: 100 }, () => limits.take(name, key)))
      expect(taken.filter(({ allowed }) => allowed)).toHaveLength(LIMITS[name].limit)
    }
  })

  test.skipIf(skip)('several limits are taken together or not at all', async () => {
    const { limits, key } = await timed(create)
    const wanted = [
      ['code_by_email_minute', key],
      ['code_by_email_target', key],
    ] as const
    for (let count = 0; count < 10; count++) await limits.takeAll(wanted)
    for (let count = 0; count < 3; count++) {
      const taken = await limits.takeAll(wanted)
      expect(taken.map(({ allowed }) => allowed)).toEqual([false, true])
    }
    expect((await limits.take('code_by_email_target', key)).remaining).toBe(19)
  })

  test.skipIf(skip)('what succeeded is given back, and clears the failures before', async () => {
    const { clock, limits, key } = await timed(create)
    const wanted = [
      ['login', key],
      ['login_address', key],
    ] as const
    const attempt = (how: 'keep' | 'undo' | 'clear') =>
      limits.attempt(
        wanted,
        async () => how,
        () => how,
      )
    for (let count = 0; count < 50; count++) await attempt('undo')
    for (let count = 0; count < 4; count++) await attempt('keep')
    await attempt('clear')
    for (let count = 0; count < 5; count++) await attempt('keep')
    await expect(attempt('clear')).rejects.toMatchObject({
      code: 'rate_limited',
      params: { seconds: 1 },
    })
    clock.now += 1000
    await attempt('clear')
    expect((await limits.take('login_address', key)).remaining).toBe(10)
  })
})

const names = Object.keys(LIMITS) as LimitName[]
const steps = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.nat(2000), fc.nat(600_000), fc.nat(100_000_000)),
    wanted: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.nat(1)), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    }),
    how: fc.constantFrom('take', 'keep', 'undo', 'clear'),
    times: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 25 },
)

test.skipIf(skip)('both ways of counting answer the same to whatever comes', async () => {
  const clock = { now: 1_800_000_000_000 }
  const both = [inProcess(() => clock.now), await onRedis(() => clock.now)]
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const run = randomUUID()
      for (const { waitMs, wanted, how, times } of all) {
        clock.now += waitMs
        const keyed = wanted.map(([name, person]) => [name, run + person] as const)
        for (let count = 0; count < times; count++) {
          const [one, other] = await Promise.all(both.map((limits) => answer(limits, keyed, how)))
          expect(other).toEqual(one)
        }
      }
    }),
    { numRuns: 60 },
  )
})

async function answer(
  limits: Limits,
  wanted: (readonly [LimitName, string])[],
  how: 'take' | 'keep' | 'undo' | 'clear',
) {
  if (how === 'take') return limits.takeAll(wanted)
  return limits
    .attempt(
      wanted,
      async () => 'done',
      () => how,
    )
    .catch((error: unknown) => error)
}

test.skipIf(skip)('two processes count together, and Redis names nobody', async () => {
  const [one, other] = [await onRedis(), await onRedis()]
  const key = randomUUID()
  const taken = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 ? one : other).take('register_hour', key)),
  )
  expect(taken.filter(({ allowed }) => allowed)).toHaveLength(20)
  const third = await onRedis()
  const together = [
    ['register_hour', key],
    ['register_day', key],
  ] as const
  const refused = await third.takeAll(together)
  expect(refused.map(({ allowed }) => allowed)).toEqual([false, true])
  expect((await other.take('register_day', key)).remaining).toBe(59)
  const keys = await (await connectRedis(redisUrl!)).keys(`${prefix}*`)
  expect(keys.length).toBeGreaterThan(0)
  expect(keys.filter((kept) => kept.includes(key))).toEqual([])
})

test.skipIf(!hasRedisServer)(
  'without Redis, or with an emptied one, what was refused stays refused and nobody waits',
  async () => {
    const server = await startRedis()
    const limits = await onRedis(undefined, server.url, {})
    const allowed = async (name: LimitName, key: string) => (await limits.take(name, key)).allowed
    for (let count = 0; count < 20; count++) await allowed('unknown_code', 'ann')
    for (let count = 0; count < 12; count++) await allowed('unknown_code', 'bob')
    const client = await connectRedis(server.url)
    await client.flushAll()
    expect(await allowed('unknown_code', 'ann')).toBe(false)

    server.process.kill('SIGSTOP')
    const passed = startStopwatch()
    expect(await allowed('unknown_code', 'ann')).toBe(false)
    const through: boolean[] = []
    for (let count = 0; count < 12; count++) through.push(await allowed('unknown_code', 'bob'))
    expect(through.filter(Boolean)).toHaveLength(8)
    expect(passed()).toBeLessThan(5000)
    const asked = passed()
    await allowed('unknown_code', 'carl')
    expect(passed() - asked).toBeLessThan(2000)

    server.process.kill('SIGKILL')
    expect(await allowed('unknown_code', 'ann')).toBe(false)
    expect(await allowed('unknown_code', 'bob')).toBe(false)
    for (let count = 0; count < 19; count++) await allowed('unknown_code', 'carl')
    expect(await allowed('unknown_code', 'carl')).toBe(false)
  },
)

test('switched off, nothing is limited', async () => {
  const limits = createLimits({ secret: 'a', enabled: false })
  for (let count = 0; count < 100; count++) {
    expect(await limits.take('login', 'ann')).toMatchObject({ allowed: true, remaining: 5 })
  }
})
