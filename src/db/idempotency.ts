import { sql } from 'kysely'
import type { Db } from './connect.ts'

interface Answered {
  id: string
  fingerprint: string
  answer_encrypted: Buffer
}

interface Kept extends Answered {
  /** Whose personal data the answer may hold. */
  user_id: string | null
}

const dayAgo = sql<Date>`clock_timestamp() - interval '24 hours'`

/** The answer that a key was given within the last 24 hours. */
export function findAnswer(db: Db, id: string): Promise<Answered | undefined> {
  return db
    .selectFrom('idempotency_keys')
    .select(['id', 'fingerprint', 'answer_encrypted'])
    .where('id', '=', id)
    .where('created_at', '>', dayAgo)
    .executeTakeFirst()
}

/** Holds a key until the transaction ends; false, at once, when another one holds it. */
export async function holdKey(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${id}, 0)) as held`.execute(db)
  return rows[0]!.held
}

/**
 * Keeps the one answer of a key, in place of one that is too old; false when it has one already. Of somebody who was
 * erased it tells nothing, and is kept in nobody's name.
 */
export async function insertAnswer(db: Db, { user_id, ...answer }: Kept): Promise<boolean> {
  const inserted = await db
    .insertInto('idempotency_keys')
    .values((insert) => ({
      ...answer,
      user_id: insert
        .selectFrom('users')
        .select('id')
        .where('id', '=', user_id)
        .where('erased_at', 'is', null),
    }))
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((update) => ({
          ...answer,
          user_id: update.ref('excluded.user_id'),
          created_at: sql`clock_timestamp()`,
        }))
        .where('idempotency_keys.created_at', '<=', dayAgo),
    )
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Deletes every answer that may hold personal data of a user. */
export async function deleteAnswersOf(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('user_id', '=', userId).execute()
}

/** Deletes answers older than 24 hours, as many at a time as one statement can. */
export async function deleteOldAnswers(db: Db): Promise<void> {
  const old = db
    .selectFrom('idempotency_keys')
    .select('id')
    .where('created_at', '<=', dayAgo)
    .orderBy('created_at')
    .limit(10_000)
    .forUpdate()
    .skipLocked()
  await db.deleteFrom('idempotency_keys').where('id', 'in', old).execute()
}
