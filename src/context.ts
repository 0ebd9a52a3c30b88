import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Cache } from './cache/cache.ts'
import type { Config } from './config.ts'
import type { Clock } from './db/clock.ts'
import type { Database, Db } from './db/connect.ts'
import { isLost, isRaced } from './db/failures.ts'
import { AppError } from './errors.ts'
import type { Clearbit } from './integrations/clearbit.ts'
import type { EmailCheck } from './integrations/email-check.ts'

export type Log = FastifyBaseLogger

/** Everything the rooms share. Built once at start; tests replace single members. */
export interface Context {
  config: Config
  db: Db
  database: Database
  cache: Cache
  clock: Clock
  emailCheck: EmailCheck
  /** Without a key nobody's profile is filled in. */
  enrichment?: Clearbit
  log: Log
  /** The installation's secret, from which keys for single purposes are derived. */
  secret: string
  /** Inside a transaction: keeps work for when it has been committed. */
  afterCommit?: (work: () => Promise<void>) => void
}

const ATTEMPTS = 5

/**
 * Runs `work` in a transaction, handing it a context whose `db` is that transaction. Name the parameter
 * `ctx` so that the outer one is out of reach: what it does would escape the transaction.
 *
 * A deadlock, a serialisation failure or a connection lost before COMMIT was sent is tried again; once
 * COMMIT was sent the outcome is unknown and is never retried.
 */
export async function inTransaction<T>(
  ctx: Context,
  work: (ctx: Context) => Promise<T>,
): Promise<T> {
  if (ctx.db.isTransaction) return work(ctx)
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(ctx, work)
    } catch (error) {
      if (attempt === ATTEMPTS || !(isRaced(error) || isLost(error))) throw error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}

async function once<T>(ctx: Context, work: (ctx: Context) => Promise<T>): Promise<T> {
  const committed: (() => Promise<void>)[] = []
  let committing = false
  const result = await ctx.db
    .transaction()
    .execute(async (db) => {
      const inside = {
        ...ctx,
        db,
        afterCommit: (later: () => Promise<void>) => committed.push(later),
      }
      const done = await work(inside)
      // Kysely sends COMMIT when this function returns.
      committing = true
      return done
    })
    .catch((error: unknown) => {
      throw committing && isLost(error) ? new AppError('outcome_unknown', { cause: error }) : error
    })
  for (const later of committed) await later()
  return result
}

/**
 * Makes every instance forget what it holds under `keys`. Call it in the transaction that changes it: a
 * look-up between here and the commit is not kept, and after the commit they forget again.
 */
export async function forget(ctx: Context, keys: string[]): Promise<void> {
  await ctx.cache.tombstone(keys, ctx.db)
  ctx.afterCommit?.(() => ctx.cache.tombstone(keys))
}
