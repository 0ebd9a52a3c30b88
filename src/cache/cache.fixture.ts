import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { whenDone } from '../../test/support/cleanup.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { hasRedisServer, startRedis } from '../../test/support/redis.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { connect, type Db } from '../db/connect.ts'
import { type Cache, createSlots } from './cache.ts'
import { createMemoryCache } from './memory.ts'
import { createFarStore, createRedisCache } from './redis.ts'

export const STALE_SECONDS = 5

const givenRedis = process.env.TEST_REDIS_URL
export const withoutRedis =
  givenRedis || hasRedisServer ? '' : ' (skipped: no TEST_REDIS_URL, and no redis-server installed)'
export const withoutServer = hasRedisServer ? '' : ' (skipped: no redis-server installed)'

export const say = (text: string) => process.stderr.write(`      ${text}\n`)
export const log = () => {
  const lines: string[] = []
  const write = (object: unknown, text?: string) => lines.push(`${text} ${JSON.stringify(object)}`)
  return { lines, info: write, warn: write, error: write }
}

interface RedisOptions {
  url?: string
  plain?: boolean
  log?: ReturnType<typeof log>
  patienceMs?: number
}

/** A database of things, and caches of them in the process and on Redis; gone when the test file is done. */
export async function startCaches() {
  const databaseUrl = await cloneDatabase()
  const base = connect(databaseUrl, { max: 25, patienceMs: PATIENCE_MS }).db
  whenDone(() => base.destroy())
  await sql`create table things (id text primary key, value int not null)`.execute(base)
  const redisUrl = givenRedis ?? (hasRedisServer ? (await startRedis()).url : '')
  const prefix = `test-${randomUUID()}:`

  async function memory(options: { url?: string; plain?: boolean } = {}) {
    const makeSlots = options.plain ? plainSlots : createSlots
    const url = options.url ?? databaseUrl
    return keep(await createMemoryCache({ databaseUrl: url, log: log() }, makeSlots))
  }
  async function redis({ url = redisUrl, plain, patienceMs, ...options }: RedisOptions = {}) {
    const settings = { redisUrl: url, prefix, log: options.log ?? log(), patienceMs }
    return keep(await createRedisCache(settings, plain ? plainFar : createFarStore))
  }
  // Of a Redis that is well: on a busy machine each answer is waited for.
  const patient = (options: { plain?: boolean } = {}) =>
    redis({ ...options, patienceMs: PATIENCE_MS })
  return { databaseUrl, base, prefix, memory, redis, patient, ...thingsOf(base) }
}

const keep = <C extends Cache>(cache: C) => {
  whenDone(() => cache.close())
  return cache
}

// Read-through with delete, as it is commonly written: what the forced races must be able to find.
const plainSlots: typeof createSlots = (options) => {
  const slots = createSlots(options)
  return {
    ...slots,
    reserve: () => ({ state: 'reserved', until: performance.now() + options.lifetimeMs }),
    settle(key, _reservation, value) {
      slots.forget([key])
      slots.settle(key, slots.reserve(key)!, value)
    },
    bury: (keys) => slots.forget(keys),
  }
}
const plainFar: typeof createFarStore = (client) => ({
  ...createFarStore(client),
  reserve: async () => '',
  async settle(name, _reservation, value) {
    const text = JSON.stringify({ v: 1, state: 'value', name, value })
    await client.set(name, text, { expiration: { type: 'PX', value: 3400 } })
  },
  bury: (names) => client.del(names),
})

function thingsOf(base: Db) {
  const passed = startStopwatch()

  async function newThing() {
    const id = randomUUID()
    await sql`insert into things values (${id}, 0)`.execute(base)
    return id
  }
  async function load(id: string) {
    const found = sql<{ value: number }>`select value from things where id = ${id}`
    const { rows } = await found.execute(base)
    return rows[0]?.value ?? null
  }
  /** Gives the moment when COMMIT was sent. */
  async function change(writer: Cache, id: string) {
    let committing = 0
    await base.transaction().execute(async (db) => {
      await sql`update things set value = 1 where id = ${id}`.execute(db)
      await writer.tombstone([id], db)
      committing = passed()
    })
    await writer.tombstone([id])
    return committing
  }
  const read = (cache: Cache, id: string) => cache.read(id, () => load(id))

  /** How long after its commit the reader still saw the old value, which it had in its hands before. */
  async function staleMsAfter(reader: Cache, id: string, makeChange: () => Promise<number>) {
    const { hits } = reader.stats()
    await until(async () => (await read(reader, id)) === 0 && reader.stats().hits > hits + 1)
    const changing = makeChange()
    let last = 0
    while ((await read(reader, id)) === 0) {
      last = passed()
      await sleep(1)
    }
    return Math.max(0, Math.round((last - (await changing)) * 10) / 10)
  }
  return { passed, newThing, load, change, read, staleMsAfter }
}

export async function until(condition: () => Promise<boolean>, ms = PATIENCE_MS) {
  const since = performance.now()
  while (!(await condition())) {
    if (performance.now() - since > ms) throw new Error(`not within ${ms} ms`)
    await sleep(20)
  }
}
