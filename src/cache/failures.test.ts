import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../test/support/network.ts'
import { startProxy } from '../../test/support/proxy.ts'
import { connectRedis, startRedis } from '../../test/support/redis.ts'
import { log, say, STALE_SECONDS, startCaches, until, withoutServer } from './cache.fixture.ts'

const {
  base,
  change,
  databaseUrl,
  load,
  memory,
  newThing,
  passed,
  prefix,
  read,
  redis,
  staleMsAfter,
} = await startCaches()

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
      proxy.blackHole()
      return change(writer, id)
    })
    say(`in the process: LISTEN cut off, stale for ${staleMs} ms`)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
    await until(async () => !(await reader.ready()))
    proxy.pass()
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
      proxy.blackHole()
      return change(writer, id)
    })
    say(`on Redis: the reader cut off, stale for ${staleMs} ms`)
    expect(staleMs).toBeLessThan(STALE_SECONDS * 1000)
    await sleep(3000)
    expect(await reader.ready()).toBe(false)
    proxy.pass()
    await until(() => reader.ready())
    expect(await read(reader, id)).toBe(1)
  })

  test.concurrent('a writer cut off from Redis leaves nothing stale beyond 5 s', async () => {
    const server = await startRedis()
    const proxy = await startProxy(server.url)
    const [writer, reader] = [await redis({ url: proxy.url }), await redis({ url: server.url })]
    const id = await newThing()
    const staleMs = await staleMsAfter(reader, id, async () => {
      proxy.blackHole()
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
      from.blackHole()
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
