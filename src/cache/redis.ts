import { randomUUID } from 'node:crypto'
import { SECOND } from '../lib/dates.ts'
import { type Cache, type CacheLog, type Slots, type Store } from './cache.ts'
import { TOMBSTONE_MS, createSlots, frozen, keepConnected } from './cache.ts'
import { loadUnderReservation, valueOf } from './cache.ts'
import { type Client, connectRedis, type RedisConnection } from './redis-connection.ts'

// Together under 5 s: an instance may read from Redis just before the end of what nobody could invalidate.
const FAR_LIFETIME_MS = 3.4 * SECOND
const NEAR_LIFETIME_MS = 1.4 * SECOND
const NEAR_ENTRIES = 20_000

const SETTLE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') end`

type Found = { state: 'value'; value: unknown } | { state: 'reserved' | 'tombstone' | 'absent' }

export interface FarStore extends Store<string> {
  look(name: string): Promise<Found>
  bury(names: string[]): Promise<unknown>
}

interface Redis extends RedisConnection {
  near: Slots
  far: FarStore
}

interface RedisCacheOptions {
  redisUrl: string
  prefix: string
  log: CacheLog
  /** Only in tests: how long an answer is waited for. */
  patienceMs?: number | undefined
}

/**
 * Kept on Redis, and near in this process for as long as Redis tells what changed: each connection has
 * near slots of its own, so nothing survives from before a gap.
 */
export async function createRedisCache(
  options: RedisCacheOptions,
  makeFar: (client: Client) => FarStore = createFarStore,
): Promise<Cache> {
  const counts = { hits: 0, misses: 0, bypassed: 0 }
  const open = () => openRedis(options, makeFar)
  const keeper = await keepConnected('Redis', open, options.log)

  return {
    async read<T>(key: string, load: () => Promise<T>): Promise<T> {
      const name = options.prefix + key
      const redis = keeper.current()
      const near = redis?.near.look(name)
      const usable = redis && !redis.patience.tried()
      const found = near?.state === 'value' ? near : usable ? await look(redis, name) : undefined
      if (found?.state === 'value') {
        counts.hits++
        return valueOf<T>(found)
      }
      counts[usable ? 'misses' : 'bypassed']++
      if (!redis || found?.state !== 'absent') return load()
      return loadUnderReservation(patientStore(redis), name, load)
    },
    async tombstone(keys) {
      const redis = keeper.current()
      if (!redis || keys.length === 0) return
      const names = keys.map((key) => options.prefix + key)
      redis.near.forget(names)
      await redis.patience.within(redis.far.bury(names)).catch(() => {})
    },
    async ready() {
      const redis = keeper.current()
      return redis
        ? redis.patience.within(redis.client.ping()).then(
            () => true,
            () => false,
          )
        : false
    },
    stats: () => ({ ...counts }),
    close: () => keeper.close(),
  }
}

/** The rule against stale fills in three commands of Redis, timed by its clock alone. */
export function createFarStore(client: Client): FarStore {
  return {
    async look(name) {
      const text = await client.get(name)
      return text === null ? { state: 'absent' } : parsed(text, name)
    },
    async reserve(name) {
      const reservation = JSON.stringify({ v: 1, state: 'reserved', by: randomUUID() })
      const options = {
        condition: 'NX',
        expiration: { type: 'PX', value: FAR_LIFETIME_MS },
      } as const
      return (await client.set(name, reservation, options)) === 'OK' ? reservation : undefined
    },
    async settle(name, reservation, value) {
      const text = value === undefined ? '' : JSON.stringify({ v: 1, state: 'value', name, value })
      await client.eval(SETTLE, { keys: [name], arguments: [reservation, text] })
    },
    bury(names) {
      const tombstone = JSON.stringify({ v: 1, state: 'tombstone' })
      const options = { expiration: { type: 'PX', value: TOMBSTONE_MS } } as const
      return Promise.all(names.map((name) => client.set(name, tombstone, options)))
    },
  }
}

async function openRedis(
  { redisUrl, patienceMs }: RedisCacheOptions,
  makeFar: (client: Client) => FarStore,
): Promise<Redis> {
  const near = createSlots({ maxEntries: NEAR_ENTRIES, lifetimeMs: NEAR_LIFETIME_MS })
  const connection = await connectRedis(redisUrl, patienceMs, (client) => {
    client.on('invalidate', (name: string | Buffer | null) => {
      if (name === null) near.clear()
      else near.forget([name.toString()])
    })
    return () => near.clear()
  })
  return { ...connection, near, far: makeFar(connection.client) }
}

async function look({ near, far, patience }: Redis, name: string): Promise<Found | undefined> {
  const reservation = near.reserve(name)
  let found: Found | undefined
  try {
    found = await patience.within(far.look(name))
    if (found.state === 'value') frozen(found.value)
  } catch (error) {
    // A tombstone is always true, so it may take the place of what somebody else left there.
    if (isJunk(error)) patience.within(far.bury([name])).catch(() => {})
  }
  const value = found?.state === 'value' ? found.value : undefined
  if (reservation) near.settle(name, reservation, value)
  return found
}

function patientStore({ far, patience }: Redis): Store<string> {
  return {
    reserve: async (name) =>
      patience.within(Promise.resolve(far.reserve(name))).catch(() => undefined),
    settle: async (name, reservation, value) => {
      if (patience.tried()) return
      await patience.within(Promise.resolve(far.settle(name, reservation, value))).catch(() => {})
    },
  }
}

// The name is in it, so that nobody is ever shown what belongs to another key.
function parsed(text: string, name: string): Found {
  const found: unknown = JSON.parse(text)
  if (typeof found === 'object' && found !== null && 'v' in found && found.v === 1) {
    const state = 'state' in found ? found.state : undefined
    if (state === 'value' && 'value' in found && 'name' in found && found.name === name) {
      return { state, value: found.value }
    }
    if (state === 'reserved' || state === 'tombstone') return { state }
  }
  throw new SyntaxError('not an envelope of ours')
}

function isJunk(error: unknown): boolean {
  return (
    error instanceof SyntaxError ||
    (error instanceof Error && error.message.startsWith('WRONGTYPE'))
  )
}
