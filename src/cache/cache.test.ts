// oxlint-disable max-lines -- one story per fault, each with its own servers
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { cloneDatabase, dropDatabase } from '../../test/support/database.ts'
import { freePort, startProxy } from '../../test/support/network.ts'
import { connectRedis, hasRedisServer, startRedis } from '../../test/support/redis.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { connect } from '../db/connect.ts'
import { type Cache, createSlots } from './cache.ts'
import { createMemoryCache } from './memory.ts'
import { createFarStore, createRedisCache } from './redis.ts'

const RACES = 300
const STALE_SECONDS = 5

const databaseUrl = await cloneDatabase()
whenDone(() => dropDatabase(databaseUrl))
const base = connect(databaseUrl, { max: 25, patienceMs: PATIENCE_MS }).db
whenDone(() => base.destroy())
await sql`create table things (id text primary key, value int not null)`.execute(base)
const redisUrl =
  process.env.TEST_REDIS_URL ?? (hasRedisServer ? (await startRedis()).url : undefined)
const withoutRedis = redisUrl ? '' : ' (skipped: no TEST_REDIS_URL, and no redis-server installed)'
const withoutServer = hasRedisServer ? '' : ' (skipped: no redis-server installed)'

const prefix = `test-${randomUUID()}:`
const passed = startStopwatch()
const say = (text: string) => process.stderr.write(`      ${text}\n`)
const log = () => {
  const lines: string[] = []
  const write = (object: unknown, text?: string) => lines.push(`${text} ${JSON.stringify(object)}`)
  return { lines, info: write, warn: write, error: write }
}
const keep = <C extends Cache>(cache: C) => {
  whenDone(() => cache.close())
  return cache
}

async function memory(options: { url?: string; plain?: boolean } = {}) {
  const makeSlots = options.plain ? plainSlots : createSlots
  const url = options.url ?? databaseUrl
  return keep(await createMemoryCache({ databaseUrl: url, log: log() }, makeSlots))
}

async function redis(
  options: {
    url?: string
    plain?: boolean
    log?: ReturnType<typeof log>
    patienceMs?: number
  } = {},
) {
  const url = options.url ?? redisUrl ?? ''
  return keep(
    await createRedisCache(
      { redisUrl: url, prefix, log: options.log ?? log(), patienceMs: options.patienceMs },
      options.plain ? plainFar : createFarStore,
    ),
  )
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

async function newThing() {
  const id = randomUUID()
  await sql`insert into things values (${id}, 0)`.execute(base)
  return id
}
async function load(id: string) {
  const { rows } = await sql<{ value: number }>`select value from things where id = ${id}`.execute(
    base,
  )
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

/** Puts the reader between its load and its fill while the writer changes the row. */
async function race(reader: Cache, writer: Cache, number: number) {
  const id = await newThing()
  const loaded = Promise.withResolvers<void>()
  const changed = Promise.withResolvers<void>()
  const readSlowly = () =>
    reader.read(id, async () => {
      const value = await load(id)
      loaded.resolve()
      await changed.promise
      return value
    })
  let reading: Promise<unknown> | undefined
  if (number % 3 > 0) reading = readSlowly()
  if (reading) await loaded.promise
  await base.transaction().execute(async (db) => {
    await sql`update things set value = 1 where id = ${id}`.execute(db)
    await writer.tombstone([id], db)
    // Every third begins to read between the tombstone and the commit.
    reading ??= readSlowly()
    await loaded.promise
  })
  await writer.tombstone([id])
  if (number % 2) await sleep(30)
  changed.resolve()
  await reading
  return id
}

async function staleAfterRaces(reader: Cache, writer: Cache, waitMs: number) {
  const ids: string[] = []
  for (let done = 0; done < RACES; done += 15) {
    const numbers = Array.from({ length: 15 }, (_, number) => number)
    ids.push(...(await Promise.all(numbers.map((number) => race(reader, writer, number)))))
  }
  const end = passed() + waitMs
  while (passed() < end) await sleep(20)
  const values = await Promise.all(ids.flatMap((id) => [read(reader, id), read(writer, id)]))
  return values.filter((value) => value !== 1).length
}

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

async function until(condition: () => Promise<boolean>, ms = PATIENCE_MS) {
  const since = performance.now()
  while (!(await condition())) {
    if (performance.now() - since > ms) throw new Error(`not within ${ms} ms`)
    await sleep(20)
  }
}

async function microsecondsPerHit(cache: Cache) {
  const id = await newThing()
  await read(cache, id)
  await read(cache, id)
  const hits = 100_000
  const since = performance.now()
  for (let count = 0; count < hits; count++) await cache.read(id, () => load(id))
  return (((performance.now() - since) / hits) * 1000).toFixed(2)
}

/** Of a Redis that is well: on a busy machine each answer is waited for. */
const patient = (options: { plain?: boolean } = {}) =>
  redis({ ...options, patienceMs: PATIENCE_MS })

const drivers = [
  { name: 'in the process', create: memory, skip: '', waitMs: 950 },
  { name: `on Redis${withoutRedis}`, create: patient, skip: withoutRedis, waitMs: 0 },
]

describe.each(drivers)('$name', ({ name, create, skip, waitMs }) => {
  test.skipIf(skip)(
    'a value is loaded once, null too, and nobody can change what others get',
    async () => {
      const cache = await create()
      const value = { list: [{ code: 'A' }], none: null }
      let loads = 0
      const reads = <T>(result: T) =>
        cache.read(`${name}${JSON.stringify(result)}`, async () => {
          loads++
          return structuredClone(result)
        })
      for (const result of [value, null]) {
        for (let count = 0; count < 4; count++) expect(await reads(result)).toEqual(result)
      }
      expect(loads).toBe(2)
      expect(cache.stats()).toEqual({ hits: 6, misses: 2, bypassed: 0 })
      expect(Object.isFrozen((await reads(value)).list[0])).toBe(true)
      say(`${name}: a hit costs ${await microsecondsPerHit(cache)} µs`)
    },
  )

  test.skipIf(skip)('a load that fails is nobody else’s value and is tried again', async () => {
    const cache = await create()
    const id = await newThing()
    const failing = cache.read(id, () => Promise.reject(new Error('database')))
    await expect(failing).rejects.toThrow('database')
    expect([await read(cache, id), await read(cache, id)]).toEqual([0, 0])
    expect(cache.stats().hits).toBe(1)
  })

  test.skipIf(skip)('a change is seen by the other process within a second', async () => {
    const [writer, reader] = [await create(), await create()]
    const figures: number[] = []
    for (let count = 0; count < 20; count++) {
      const id = await newThing()
      figures.push(await staleMsAfter(reader, id, () => change(writer, id)))
    }
    figures.sort((a, b) => a - b)
    say(`${name}: seen by the other process after ${figures[10]} ms, at most ${figures[19]} ms`)
    expect(figures[19]).toBeLessThan(1000)
    expect(reader.stats().hits).toBeGreaterThan(19)
  })

  test.skipIf(skip)(
    'a retired code is not served from the cache by a read that overlapped',
    async () => {
      const [one, other] = [await create(), await create()]
      const own = await staleAfterRaces(one, one, 0)
      const between = await staleAfterRaces(one, other, waitMs)
      say(`${name}: stale ${own} of ${RACES} in one process, ${between} of ${RACES} between two`)
      expect([own, between]).toEqual([0, 0])
    },
  )

  test.skipIf(skip)(
    'the same races serve stale values once the tombstone rule is taken out',
    async () => {
      const [one, other] = [await create({ plain: true }), await create({ plain: true })]
      const own = await staleAfterRaces(one, one, 0)
      const between = await staleAfterRaces(one, other, waitMs)
      say(`${name}, without the rule: stale reads ${own} in one process, ${between} between two`)
      expect(own).toBeGreaterThan(0)
      expect(between).toBeGreaterThan(0)
    },
  )

  test.skipIf(skip)('one call forgets more keys than fit into a message', async () => {
    const [writer, reader] = [await create(), await create()]
    const keys = Array.from({ length: 1000 }, () => randomUUID())
    const readAll = (value: number) =>
      Promise.all(keys.map((key) => reader.read(key, async () => value)))
    await readAll(0)
    await base.transaction().execute((db) => writer.tombstone(keys, db))
    await until(async () => (await readAll(1)).every((value) => value === 1))
    expect(new Set(await readAll(2))).toEqual(new Set([2]))
  })
})

describe('in the process, when the connection that listens fails', () => {
  test.concurrent('a terminated connection is replaced, and nothing stale outlives it', async () => {
    const [writer, reader] = [await memory(), await memory()]
    const id = await newThing()
    const staleMs = await staleMsAfter(reader, id, async () => {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'invitree listener' and datname = current_database()`.execute(base)
      return change(writer, id)
    })
    say(`in the process: LISTEN terminated, stale for ${staleMs} ms`)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
    await until(() => reader.ready())
    const again = await newThing()
    await read(reader, again)
    const { hits } = reader.stats()
    await read(reader, again)
    expect(reader.stats().hits).toBe(hits + 1)
  })

  test.concurrent('a process that hears nothing any more serves nothing stale beyond 5 s', async () => {
    const proxy = await startProxy(databaseUrl)
    const [writer, reader] = [await memory(), await memory({ url: proxy.url })]
    const id = await newThing()
    const staleMs = await staleMsAfter(reader, id, async () => {
      proxy.cut()
      return change(writer, id)
    })
    say(`in the process: LISTEN cut off, stale for ${staleMs} ms`)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
    await until(async () => !(await reader.ready()))
    proxy.heal()
    await until(() => reader.ready())
  })

  test.concurrent('a start without its database only bypasses', async () => {
    const cache = await memory({ url: 'postgres://postgres@127.0.0.1:1/none' })
    expect(await read(cache, await newThing())).toBe(0)
    expect(await cache.ready()).toBe(false)
    expect(cache.stats()).toEqual({ hits: 0, misses: 0, bypassed: 1 })
  })
})

describe.skipIf(withoutServer)(`on Redis, when it fails${withoutServer}`, () => {
  test.concurrent('killed and started again: no read or write fails, two lines are logged', async () => {
    const port = await freePort()
    const logger = log()
    const cache = await redis({ url: `redis://127.0.0.1:${port}`, log: logger })
    const id = await newThing()
    expect(await read(cache, id)).toBe(0)
    expect(logger.lines).toHaveLength(1)

    const server = await startRedis(port)
    await until(() => cache.ready())
    expect([await read(cache, id), await read(cache, id)]).toEqual([0, 0])
    expect(cache.stats().hits).toBe(1)

    server.process.kill('SIGKILL')
    await once(server.process, 'exit')
    await change(cache, id)
    for (let count = 0; count < 200; count++) expect(await read(cache, id)).toBe(1)

    await startRedis(port)
    await until(() => cache.ready())
    await until(async () => (await read(cache, id)) === 1 && cache.stats().hits > 1)
    expect(logger.lines.map((line) => line.split(' ')[2])).toEqual([
      'lost:',
      'back',
      'lost:',
      'back',
    ])
  })

  test.concurrent('paused: reads and writes are slowed once, then go on without it', async () => {
    const server = await startRedis()
    const cache = await redis({ url: server.url })
    const id = await newThing()
    await read(cache, id)
    server.process.kill('SIGSTOP')
    const [write, first] = [await msOf(change(cache, id)), await msOf(read(cache, id))]
    const later = await msOf(Promise.all(Array.from({ length: 100 }, () => read(cache, id))))
    say(`on Redis, paused: a write took ${write} ms, a read ${first} ms, 100 more ${later} ms`)
    expect(write).toBeLessThan(2000)
    expect(first).toBeLessThan(2000)
    expect(await read(cache, id)).toBe(1)
    await sleep(4000)
    expect(await cache.ready()).toBe(false)
    server.process.kill('SIGCONT')
    await until(() => cache.ready())
    expect(await read(cache, id)).toBe(1)
  })

  test.concurrent('a fill that waited in a paused Redis comes too late to be kept', async () => {
    const server = await startRedis()
    const [reader, other] = [await redis({ url: server.url }), await redis({ url: server.url })]
    const id = await newThing()
    await reader.read(id, async () => {
      const value = await load(id)
      server.process.kill('SIGSTOP')
      return value
    })
    await change(other, id)
    await sleep(4000)
    server.process.kill('SIGCONT')
    await until(() => reader.ready())
    await until(() => other.ready())
    for (const cache of [reader, other]) expect(await read(cache, id)).toBe(1)
  })

  test.concurrent('full of junk: reads go on and what is not ours is replaced', async () => {
    const server = await startRedis()
    const client = await connectRedis(server.url)
    const cache = await redis({ url: server.url })
    const junk = [
      'no json',
      '{"v":2,"value":7}',
      '{"v":1,"state":"value"}',
      '{"v":1,"state":"value","name":"another","value":7}',
      'null',
      '[1]',
      '""',
    ]
    for (const text of junk) {
      const id = await newThing()
      await client.set(prefix + id, text)
      // A Redis that is slow for a moment is left alone by a read: the next one replaces it.
      await until(async () => {
        expect(await read(cache, id)).toBe(0)
        return String(await client.get(prefix + id)).includes('tombstone')
      })
    }
    const id = await newThing()
    await client.lPush(prefix + id, 'x')
    expect(await read(cache, id)).toBe(0)
    await change(cache, id)
    expect(await read(cache, id)).toBe(1)
  })

  test.concurrent('emptied while a read is on its way: what it loaded is not kept', async () => {
    const server = await startRedis()
    const client = await connectRedis(server.url)
    const cache = await redis({ url: server.url })
    const id = await newThing()
    const slow = await cache.read(id, async () => {
      const value = await load(id)
      await change(cache, id)
      await client.flushAll()
      return value
    })
    expect(slow).toBe(0)
    expect(await read(cache, id)).toBe(1)
    expect(await read(cache, id)).toBe(1)
    expect(cache.stats().hits).toBe(1)
  })

  test.concurrent('read-only: reads and writes go on without it', async () => {
    const server = await startRedis()
    const client = await connectRedis(server.url)
    const cache = await redis({ url: server.url })
    const id = await newThing()
    await client.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
    expect(await read(cache, id)).toBe(0)
    await change(cache, id)
    expect(await read(cache, id)).toBe(1)
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE'])
    await read(cache, id)
    const { hits } = cache.stats()
    await read(cache, id)
    expect(cache.stats().hits).toBe(hits + 1)
  })

  test.concurrent('a reader cut off from Redis serves nothing stale beyond 5 s', async () => {
    const server = await startRedis()
    const proxy = await startProxy(server.url)
    const [writer, reader] = [await redis({ url: server.url }), await redis({ url: proxy.url })]
    const id = await newThing()
    const staleMs = await staleMsAfter(reader, id, async () => {
      proxy.cut()
      return change(writer, id)
    })
    say(`on Redis: the reader cut off, stale for ${staleMs} ms`)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
    await sleep(3000)
    expect(await reader.ready()).toBe(false)
    proxy.heal()
    await until(() => reader.ready())
    expect(await read(reader, id)).toBe(1)
  })

  test.concurrent('a writer cut off from Redis leaves nothing stale beyond 5 s', async () => {
    const server = await startRedis()
    const proxy = await startProxy(server.url)
    const [writer, reader] = [await redis({ url: proxy.url }), await redis({ url: server.url })]
    const id = await newThing()
    const staleMs = await staleMsAfter(reader, id, async () => {
      proxy.cut()
      return change(writer, id)
    })
    say(`on Redis: the writer cut off, stale for ${staleMs} ms`)
    expect(staleMs).toBeGreaterThan(0)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
  })

  test.concurrent('a writer and then a reader cut off: stale for less than 5 s in all', async () => {
    const server = await startRedis()
    const [from, to] = [await startProxy(server.url), await startProxy(server.url)]
    const [writer, reader] = [await redis({ url: from.url }), await redis({ url: to.url })]
    const id = await newThing()
    const staleMs = await staleMsAfter(reader, id, async () => {
      from.cut()
      // Shortly before Redis would end by itself what the writer could not invalidate.
      setTimeout(to.cut, 3000)
      return change(writer, id)
    })
    say(`on Redis: both cut off, stale for ${staleMs} ms`)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
  })
})

async function msOf(work: Promise<unknown>) {
  const since = passed()
  await work
  return Math.round(passed() - since)
}
