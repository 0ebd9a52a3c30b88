import { type Listener, listen, notify } from '../db/notify.ts'
import { SECOND } from '../lib/dates.ts'
import { type Cache, type CacheLog, type Slots, createSlots, frozen } from './cache.ts'
import { keepConnected, loadUnderReservation, valueOf } from './cache.ts'

const CHANNEL = 'invitree_cache'
const LIFETIME_MS = 4.5 * SECOND
const MAX_PAYLOAD_BYTES = 7900

interface Listening extends Listener {
  slots: Slots
}

/**
 * Kept in this process, only while it hears what other processes change: each connection that listens
 * has slots of its own, so nothing survives from before a gap.
 */
export async function createMemoryCache(
  options: { databaseUrl: string; log: CacheLog; maxEntries?: number },
  makeSlots: typeof createSlots = createSlots,
): Promise<Cache> {
  const counts = { hits: 0, misses: 0, bypassed: 0 }
  const maxEntries = options.maxEntries ?? 20_000
  const open = async (): Promise<Listening> => {
    const slots = makeSlots({ maxEntries, lifetimeMs: LIFETIME_MS })
    const listener = await listen(options.databaseUrl, CHANNEL, (payload) => hear(slots, payload))
    return { ...listener, slots: { ...slots, settle: settleCopy(slots) } }
  }
  const keeper = await keepConnected('The cache listening to PostgreSQL', open, options.log)

  return {
    async read<T>(key: string, load: () => Promise<T>): Promise<T> {
      const slots = keeper.current()?.slots
      const slot = slots?.look(key)
      if (slot?.state === 'value') {
        counts.hits++
        return valueOf<T>(slot)
      }
      counts[slots ? 'misses' : 'bypassed']++
      return slots ? loadUnderReservation(slots, key, load) : load()
    },
    async tombstone(keys, db) {
      keeper.current()?.slots.bury(keys)
      // Not caught: a failed statement has ended the transaction, and hiding it would lose the change.
      if (db && keys.length > 0) await notify(db, CHANNEL, payloadsOf(keys))
    },
    ready: async () => keeper.current() !== undefined,
    stats: () => ({ ...counts }),
    close: () => keeper.close(),
  }
}

function hear(slots: Slots, payload: string): void {
  const keys = parsed(payload)
  // Not ours, so it may mean anything.
  if (!Array.isArray(keys)) return slots.clear()
  slots.bury(keys.map(String))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// A copy by way of JSON, so that a hit is the same here as with Redis, and nobody's own object.
function settleCopy(slots: Slots): Slots['settle'] {
  return (key, reservation, value) => slots.settle(key, reservation, copied(value))
}

function copied(value: unknown): unknown {
  try {
    return value === undefined ? undefined : frozen(JSON.parse(JSON.stringify(value)))
  } catch {
    return undefined
  }
}

// NOTIFY takes less than 8,000 bytes. A key too long for it fails the transaction, loudly.
function payloadsOf(keys: string[]): string[] {
  const payloads: string[] = []
  let items: string[] = []
  let bytes = 0
  for (const item of keys.map((key) => JSON.stringify(key))) {
    const size = Buffer.byteLength(item) + 1
    if (bytes + size > MAX_PAYLOAD_BYTES) {
      payloads.push(`[${items.join()}]`)
      items = []
      bytes = 0
    }
    items.push(item)
    bytes += size
  }
  return [...payloads, `[${items.join()}]`]
}
