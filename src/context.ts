import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { ControlledTransaction } from 'kysely'
import type { Cache } from './cache/cache.ts'
import type { Config } from './config.ts'
import type { Clock } from './db/clock.ts'
import type { Database, Db } from './db/connect.ts'
import { isLost, mayTryAgain } from './db/failures.ts'
import type { DB } from './db/schema.ts'
import { AppError } from './errors.ts'
import type { Limits } from './limits/limits.ts'
import type { JobQueue } from './jobs/boss.ts'
import type { Mailer } from './mail/transport.ts'
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
  limits: Limits
  jobs: JobQueue
  mail: Mailer
  emailCheck: EmailCheck
  /** Without a key nobody's profile is filled in. */
  enrichment?: Clearbit
  log: Log
  /** The installation's secret, from which keys for single purposes are derived. */
  secret: string
  /** Inside a transaction: keeps work for when it has been committed. */
  afterCommit?: (work: () => Promise<void>) => void
  /** In `keepingResult`: begins the one transaction, which stays open after `work`. */
  hold?: <T>(work: (ctx: Context) => Promise<T>) => Promise<T>
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
      return await (ctx.hold?.(work) ?? once(ctx, work))
    } catch (error) {
      if (attempt === ATTEMPTS || !mayTryAgain(error)) throw error
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
 * Runs `work` so that the transaction which it begins stays open until its result is known and `keep` has
 * kept it there: the effect and what is kept are committed together or not at all. From its first
 * transaction on, everything that `work` does in the database belongs to that one. `claim` is its first
 * statement and may refuse.
 */
export async function keepingResult<C extends Context, T>(
  ctx: C,
  work: (ctx: C) => Promise<T>,
  { claim, keep }: { claim(db: Db): Promise<void>; keep(db: Db, result: T): Promise<void> },
): Promise<T> {
  const held: Held = { committed: [] }
  const holding: C = {
    ...ctx,
    get db() {
      return held.transaction ?? ctx.db
    },
    afterCommit: (later: () => Promise<void>) => held.committed.push(later),
    hold: (work: (ctx: Context) => Promise<unknown>) =>
      beginHeld(ctx, held, async (db) => {
        await claim(db)
        return work(holding)
      }),
  }
  try {
    const result = await work(holding)
    await inTransaction(holding, (ctx) => keep(ctx.db, result))
    await commitHeld(held)
    return result
  } catch (error) {
    await rollBackHeld(held)
    throw error
  }
}

interface Held {
  transaction?: ControlledTransaction<DB> | undefined
  committed: (() => Promise<void>)[]
}

async function beginHeld<T>(ctx: Context, held: Held, work: (db: Db) => Promise<T>): Promise<T> {
  held.committed = []
  held.transaction = await ctx.db.startTransaction().execute()
  try {
    return await work(held.transaction)
  } catch (error) {
    await rollBackHeld(held)
    throw error
  }
}

async function commitHeld(held: Held): Promise<void> {
  await held.transaction
    ?.commit()
    .execute()
    .catch((error: unknown) => {
      throw isLost(error) ? new AppError('outcome_unknown', { cause: error }) : error
    })
  held.transaction = undefined
  for (const later of held.committed) await later()
}

// Kysely gives the connection back even if it can no longer be rolled back.
async function rollBackHeld(held: Held): Promise<void> {
  const { transaction } = held
  held.transaction = undefined
  await transaction
    ?.rollback()
    .execute()
    .catch(() => {})
}

/**
 * Makes every instance forget what it holds under `keys`. Call it in the transaction that changes it: a
 * look-up between here and the commit is not kept, and after the commit they forget again.
 */
export async function forget(ctx: Context, keys: string[]): Promise<void> {
  await ctx.cache.tombstone(keys, ctx.db)
  ctx.afterCommit?.(() => ctx.cache.tombstone(keys))
}
