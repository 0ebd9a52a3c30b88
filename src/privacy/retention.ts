import type { Context } from '../context.ts'
import type { Db } from '../db/connect.ts'
import { deleteOldClicks } from '../links/service.ts'
import * as queries from './retention-queries.ts'

interface Kept {
  what: string
  days: number
  /** Deletes a bounded number of what is older, beginning at `from`; `done` when there was less than that. */
  deleteBatch(db: Db, days: number, from: string): Promise<Batch>
}

interface Batch {
  deleted: number
  done: boolean
  /** Where it ended. */
  last?: string | null
}

/** Everything that is kept for a time and then deleted, and how long. Answers to retries go after a day, by themselves. */
function keptFor({ RETENTION_DAYS, AUDIT_RETENTION_DAYS }: Context['config']): Kept[] {
  const days = RETENTION_DAYS
  return [
    { what: 'expired sessions', days, deleteBatch: queries.deleteExpiredSessions },
    { what: 'ended sessions', days, deleteBatch: queries.deleteEndedSessions },
    { what: 'mailed links', days, deleteBatch: queries.deleteEmailTokens },
    { what: 'clicks', days: 1, deleteBatch: deleteOldClicks },
    { what: 'audit events', days: AUDIT_RETENTION_DAYS, deleteBatch: queries.deleteEvents },
  ]
}

/** Deletes what is older than it may be kept, in small statements; run twice, or by two at once, it is the same. */
export async function deleteOld(ctx: Context): Promise<void> {
  for (const { what, days, deleteBatch } of keptFor(ctx.config)) {
    let total = 0
    let from = queries.FIRST
    for (let done = false; !done;) {
      const batch = await deleteBatch(ctx.db, days, from)
      total += batch.deleted
      from = batch.last ?? from
      done = batch.done
    }
    if (total > 0) ctx.log.info({ what, days, deleted: total }, 'deleted what is too old')
  }
}
