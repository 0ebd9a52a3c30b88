import type { Db } from './connect.ts'
import { databaseNow } from './connect.ts'

const OBSERVE_EVERY = 60_000

export interface Clock {
  /** Milliseconds since 1970 by the database's clock, without asking it. */
  now(): number
  stop(): void
}

/**
 * Follows the database's clock: looked at once a minute, counted on with the monotonic clock in between,
 * so that an instance whose own clock is wrong still agrees with the others on what has expired.
 */
export async function followClock(db: Db): Promise<Clock> {
  let offset = await observe(db)
  const timer = setInterval(() => {
    observe(db).then(
      (observed) => (offset = observed),
      () => {}, // the last offset stays good while the database is away
    )
  }, OBSERVE_EVERY)
  timer.unref()
  return { now: () => performance.now() + offset, stop: () => clearInterval(timer) }
}

async function observe(db: Db): Promise<number> {
  const asked = performance.now()
  const now = await databaseNow(db)
  return now.getTime() - (asked + performance.now()) / 2
}
