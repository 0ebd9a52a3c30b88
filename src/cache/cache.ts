import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import QuickLRU from 'quick-lru'
import type { Db } from '../db/connect.ts'
import { SECOND } from '../lib/dates.ts'
import { reasonOf } from '../lib/reasons.ts'

/**
 * What was read may be kept, never longer than I13 allows: 1 s after a change, 5 s while cut off from
 * what tells of it. It is never the only copy, never decides a write, and may vanish at any moment.
 */
export interface Cache {
  /**
   * Reads through: a JSON value (no Dates); null is kept too. A failing cache only costs the load.
   * What comes back is shared and frozen, and its expiry is for the caller to check at each read.
   */
  read<T>(key: string, load: () => Promise<T>): Promise<T>
  /**
   * Called inside the transaction with its `db` before the commit, and again after the commit without.
   * The cache never makes it throw nor take longer than 250 ms.
   */
  tombstone(keys: string[], db?: Db): Promise<void>
  /** True when its server answers; in the process: when it hears the other processes. */
  ready(): Promise<boolean>
  stats(): { hits: number; misses: number; bypassed: number }
  close(): Promise<void>
}

export type CacheLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>

/** Longer than a transaction may stay open, so that a lost second tombstone harms nobody. */
export const TOMBSTONE_MS = 10 * SECOND

export type Slot = { until: number } & (
  | { state: 'value'; value: unknown }
  | { state: 'reserved' }
  | { state: 'tombstone' }
)

/** Where a load may leave its value: the slots of this process, or those on Redis. */
export interface Store<Reservation> {
  reserve(key: string): Reservation | undefined | Promise<Reservation | undefined>
  settle(key: string, reservation: Reservation, value: unknown): void | Promise<void>
}

export interface Slots extends Store<Slot> {
  reserve(key: string): Slot | undefined
  settle(key: string, reservation: Slot, value: unknown): void
  look(key: string): Slot | undefined
  bury(keys: string[]): void
  forget(keys: string[]): void
  clear(): void
}

/**
 * A value is kept only under a reservation that was taken before its load began: any invalidation takes
 * the reservation away, a tombstone lets none be taken, and the value ends when its reservation would
 * have. So a slow load, a lost message or an evicted slot can only cost a load.
 */
export async function loadUnderReservation<T, Reservation>(
  store: Store<Reservation>,
  key: string,
  load: () => Promise<T>,
): Promise<T> {
  const reservation = await store.reserve(key)
  if (reservation === undefined) return load()
  let value: T | undefined
  try {
    value = await load()
    return value
  } finally {
    await store.settle(key, reservation, value)
  }
}

/** Slots of this process, at most `maxEntries` (twice that for a moment), timed by the monotonic clock. */
export function createSlots(options: { maxEntries: number; lifetimeMs: number }): Slots {
  const slots = new QuickLRU<string, Slot>({ maxSize: options.maxEntries })
  const look = (key: string) => {
    const slot = slots.get(key)
    return slot && slot.until > performance.now() ? slot : undefined
  }
  return {
    look,
    reserve(key) {
      if (look(key)) return undefined
      const reservation: Slot = { state: 'reserved', until: performance.now() + options.lifetimeMs }
      slots.set(key, reservation)
      return reservation
    },
    settle(key, reservation, value) {
      if (look(key) !== reservation) return
      if (value === undefined) slots.delete(key)
      else slots.set(key, { state: 'value', value, until: reservation.until })
    },
    bury(keys) {
      const until = performance.now() + TOMBSTONE_MS
      for (const key of keys) slots.set(key, { state: 'tombstone', until })
    },
    forget(keys) {
      for (const key of keys) slots.delete(key)
    },
    clear: () => slots.clear(),
  }
}

/** One connection, from when it works until it is broken; another one follows it, never itself again. */
export interface Connection {
  /** Resolves with the reason when it broke. */
  broken: Promise<unknown>
  close(): void
}

const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2 * SECOND
const STABLE_MS = 5 * SECOND

/**
 * Has a connection whenever the server lets it: opens the next after a growing pause when one breaks, and
 * says once that it is lost, once that it is back. Returns after the first attempt, whatever came of it.
 */
export async function keepConnected<C extends Connection>(
  name: string,
  open: () => Promise<C>,
  log: CacheLog,
  meanwhile = 'reads go to the database',
): Promise<{ current(): C | undefined; close(): Promise<void> }> {
  const stop = new AbortController()
  const attempted = Promise.withResolvers<void>()
  let current: C | undefined
  let pauseMs = SHORTEST_PAUSE_MS
  let lost = false

  async function use(connection: C): Promise<never> {
    const since = performance.now()
    current = connection
    if (lost) log.info({}, `${name} is back`)
    lost = false
    attempted.resolve()
    if (stop.signal.aborted) connection.close()
    const reason = await connection.broken
    current = undefined
    // One that breaks soon has not recovered; else it would be opened, and logged, ten times a second.
    if (performance.now() - since > STABLE_MS) pauseMs = SHORTEST_PAUSE_MS
    throw reason
  }
  function report(error: unknown): void {
    if (lost || stop.signal.aborted) return
    lost = true
    log.warn(
      { reason: reasonOf(error ?? 'the connection ended') },
      `${name} is lost: ${meanwhile} until it is back`,
    )
  }
  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await open().then(use).catch(report)
      attempted.resolve()
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => {})
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
  }

  const running = run()
  await attempted.promise
  return {
    current: () => current,
    async close() {
      stop.abort()
      current?.close()
      await running
    },
  }
}

/** A key belongs to one kind of value, so what is kept under it is what its caller loaded. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a schema would cost more than the hit
export function valueOf<T>(slot: { value: unknown }): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return slot.value as T
}

/** The same for every reader: one that changes what it got must not change what others get. */
export function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner)
    Object.freeze(value)
  }
  return value
}
