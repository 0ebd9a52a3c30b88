import type { Log } from '../context.ts'
import { isUnavailable } from '../db/failures.ts'
import { SECOND } from '../lib/dates.ts'

/** One visit that counts, once for a code, a visitor and a day. */
export interface Click {
  code_id: string
  /** 16 bytes as hexadecimal text. */
  visitor: string
  at: number
}

export interface ClickQueue {
  add(click: Click): void
  /** Clicks that are not in the database yet. */
  waiting(): number
  /** Writes what waits, one last time where the database is away. */
  close(): Promise<void>
}

export type Outcome = 'counted' | 'repeated' | 'dropped'

interface Options {
  /** Writes a batch and says how many of it were new; the same batch may come twice. */
  write(batch: Click[]): Promise<number>
  count(outcome: Outcome, clicks: number): void
  log: Log
}

const WAITING_MAX = 50_000
const BATCH_MAX = 5000
const FLUSH_AT = 1000

/**
 * Clicks wait here for at most a second, so that no request waits for them: what does not fit is dropped and
 * counted as such. While the database is away they stay, as far as there is room.
 */
export function createClickQueue({ write, count, log }: Options): ClickQueue {
  let waiting: Click[] = []
  let flushing: Promise<void> | undefined
  let failed = false
  const timer = setInterval(() => void flush(), SECOND).unref()

  function flush(): Promise<void> {
    flushing ??= writeAll().finally(() => (flushing = undefined))
    return flushing
  }

  async function writeAll(): Promise<void> {
    failed = false
    while (waiting.length > 0 && !failed) {
      const batch = waiting.slice(0, BATCH_MAX)
      failed = !(await writeBatch(batch))
      if (!failed) waiting = waiting.slice(batch.length)
    }
  }

  /** False when it is to be tried again; a batch that can never be written would hold up all others. */
  async function writeBatch(batch: Click[]): Promise<boolean> {
    try {
      const added = await write(batch)
      count('counted', added)
      count('repeated', batch.length - added)
    } catch (err) {
      log.warn({ err, waiting: waiting.length }, 'clicks not written')
      if (isUnavailable(err)) return false
      count('dropped', batch.length)
    }
    return true
  }

  return {
    add(click) {
      if (waiting.length >= WAITING_MAX) return count('dropped', 1)
      waiting.push(click)
      if (waiting.length >= FLUSH_AT && !failed) void flush()
    },
    waiting: () => waiting.length,
    async close() {
      clearInterval(timer)
      await flushing
      await flush()
    },
  }
}
