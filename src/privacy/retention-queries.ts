import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

const BATCH = 2000

/** Older than everything. */
export const FIRST = '-infinity'

/** Sessions that expired over `days` ago. */
export const deleteExpiredSessions = (db: Db, days: number, from: string) =>
  deleteBatch(db, { table: 'sessions', at: 'expires_at' }, { days, from })

/** Sessions that were ended over `days` ago. */
export const deleteEndedSessions = (db: Db, days: number, from: string) =>
  deleteBatch(db, { table: 'sessions', at: 'revoked_at' }, { days, from })

/** Mailed links that expired over `days` ago, used or not. */
export const deleteEmailTokens = (db: Db, days: number, from: string) =>
  deleteBatch(db, { table: 'email_tokens', at: 'expires_at' }, { days, from })

/** Entries of the audit trail older than `days`; a trigger lets none go that is younger than 90 days. */
export const deleteEvents = (db: Db, days: number, from: string) =>
  deleteBatch(db, { table: 'audit_events', at: 'at' }, { days, from })

// Each walks an index from its oldest end and takes a bounded number of rows, from where the one before
// ended: what it deleted is still in the index, and to pass over it again would take longer each time.
// What somebody else holds is left for the next day.
async function deleteBatch(
  db: Db,
  { table, at }: { table: string; at: string },
  { days, from }: { days: number; from: string },
) {
  const { rows } = await sql<{ deleted: number; last: string | null }>`
    with old as (
      select id, ${sql.ref(at)} as at from ${sql.table(table)}
      where ${sql.ref(at)} >= ${from}::timestamptz
        and ${sql.ref(at)} < clock_timestamp() - ${days} * interval '1 day'
      order by ${sql.ref(at)} limit ${BATCH} for update skip locked
    ), gone as (
      delete from ${sql.table(table)} as kept using old where kept.id = old.id returning old.at
    )
    select count(*)::int as deleted, max(at)::text as last from gone`.execute(db)
  const { deleted, last } = rows[0]!
  return { deleted, done: deleted < BATCH, last }
}
