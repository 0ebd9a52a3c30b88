import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { type PageQuery, pageOf } from '../db/page.ts'

const now = sql<Date>`clock_timestamp()`
const isActive = sql<boolean>`(retired_at is null and expires_at > clock_timestamp())`
// A code of somebody who was blocked or erased works no more than a retired one.
const offSince = sql<Date | null>`coalesce(retired_at, blocked_at, erased_at)`
const uses = sql<number>`(select coalesce(sum(registrations), 0)::int8 from code_totals
  where code_id = referral_codes.id)`

const columns = [
  'id',
  'user_id',
  'code',
  'expires_at',
  'created_at',
  'retired_at',
  isActive.as('is_active'),
  uses.as('uses'),
] as const

// Row locks are not fair: while registrations by a popular code overlap, each new one joins those that hold
// it, and a change of the code waits for ever. In this queue they come behind it. PostgreSQL runs what is
// selected before it locks the row, so that one statement takes both.
const shareGate = sql`pg_advisory_xact_lock_shared(hashtextextended(referral_codes.id::text, 0))`
const closeGate = sql`pg_advisory_xact_lock(hashtextextended(referral_codes.id::text, 0))`

/** The owner, held until the transaction ends: one change to a user's codes at a time. */
export function lockOwner(db: Db, userId: string) {
  return db
    .selectFrom('users')
    .select(['id', 'email_key'])
    .where('id', '=', userId)
    .where('erased_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

/** The unretired code of a user, expired or not, held against registrations until the transaction ends. */
export function lockUnretired(db: Db, userId: string) {
  return db
    .selectFrom('referral_codes')
    .select(['id', 'code_key', isActive.as('is_active'), closeGate.as('gate')])
    .where('user_id', '=', userId)
    .where('retired_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

/**
 * Stamps a code that `lockUnretired` holds. A statement of its own: PostgreSQL reads the clock before it
 * waits for a lock. A code that had expired was over at its expiry.
 */
export function retireLocked(db: Db, id: string) {
  return db
    .updateTable('referral_codes')
    .set({ retired_at: sql`least(clock_timestamp(), expires_at)` })
    .where('id', '=', id)
    .execute()
}

/** Undefined when the text is taken. Dated by this statement: after the code before it was retired. */
export function insertCode(
  db: Db,
  values: { id: string; user_id: string; code: string; code_key: string; expires_at: Date },
) {
  return db
    .insertInto('referral_codes')
    .values({ ...values, created_at: sql`statement_timestamp()` })
    .onConflict((conflict) => conflict.column('code_key').doNothing())
    .returning(columns)
    .executeTakeFirst()
}

/** Undefined when the code that the transaction holds has expired meanwhile. */
export function updateExpiry(db: Db, id: string, expiresAt: Date) {
  return db
    .updateTable('referral_codes')
    .set({ expires_at: expiresAt, expiry_set_at: now, expiry_announced_at: null })
    .where('id', '=', id)
    .where('expires_at', '>', now)
    .returning(columns)
    .executeTakeFirst()
}

export function findActiveCode(db: Db, userId: string) {
  return db
    .selectFrom('referral_codes')
    .select(columns)
    .where('user_id', '=', userId)
    .where(isActive)
    .executeTakeFirst()
}

export async function findOwnerId(db: Db, codeKey: string): Promise<string | undefined> {
  const found = await db
    .selectFrom('referral_codes')
    .select('user_id')
    .where('code_key', '=', codeKey)
    .executeTakeFirst()
  return found?.user_id
}

/** What the cache knows a user's unretired code by. */
export function findKeys(db: Db, userId: string) {
  return db
    .selectFrom('referral_codes')
    .innerJoin('users', 'users.id', 'referral_codes.user_id')
    .select(['code_key', 'email_key'])
    .where('user_id', '=', userId)
    .where('retired_at', 'is', null)
    .executeTakeFirst()
}

/** What the cache knows all codes of a user by. */
export async function listKeys(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('referral_codes')
    .select('code_key')
    .where('user_id', '=', userId)
    .execute()
  return rows.map((row) => row.code_key)
}

export function listCodes(db: Db, userId: string, page: PageQuery) {
  const mine = db.selectFrom('referral_codes').where('user_id', '=', userId)
  return pageOf(mine.select(columns), 'id', page, async () => {
    const { total } = await mine
      .select((where) => where.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    return total
  })
}

/** What a check of a code tells, whoever asks. */
export function findCheck(db: Db, codeKey: string) {
  return db
    .selectFrom('referral_codes')
    .innerJoin('users', 'users.id', 'referral_codes.user_id')
    .select(['code', 'expires_at', offSince.as('retired_at'), 'username as referrer_name'])
    .where('code_key', '=', codeKey)
    .executeTakeFirst()
}

/** The code of an address that is not retired; whether it has expired is the reader's to see. */
export function findByEmail(db: Db, emailKey: string) {
  return db
    .selectFrom('users')
    .innerJoin('referral_codes', 'referral_codes.user_id', 'users.id')
    .select(['referral_codes.id', 'code', 'expires_at', 'referral_codes.created_at'])
    .where('email_key', '=', emailKey)
    .where('retired_at', 'is', null)
    .where('blocked_at', 'is', null)
    .executeTakeFirst()
}

/** Codes whose end within three days, or past end, was not told yet; stamps them as told. */
export async function takeRemindable(db: Db) {
  const ending = await db
    .updateTable('referral_codes')
    .set({ expiry_announced_at: now })
    .where('retired_at', 'is', null)
    .where('expired_told_at', 'is', null)
    .where('expiry_announced_at', 'is', null)
    .where('expires_at', '>', now)
    .where('expires_at', '<', sql<Date>`clock_timestamp() + interval '72 hours'`)
    // One that was made for less than three days has nothing to be reminded of.
    .where('expiry_set_at', '<', sql<Date>`expires_at - interval '72 hours'`)
    .returning(['id', 'user_id'])
    .execute()
  const over = await db
    .updateTable('referral_codes')
    .set({ expired_told_at: now })
    .where('retired_at', 'is', null)
    .where('expired_told_at', 'is', null)
    .where('expires_at', '<=', now)
    .returning(['id', 'user_id'])
    .execute()
  return { ending, over }
}

/** The code held for a registration: it can neither be retired nor moved until the transaction ends. */
export function holdCode(db: Db, codeKey: string) {
  return db
    .selectFrom('referral_codes')
    .innerJoin('users', 'users.id', 'referral_codes.user_id')
    .select([
      'referral_codes.id',
      'referral_codes.user_id',
      'users.seq as user_seq',
      'expires_at',
      offSince.as('retired_at'),
      shareGate.as('gate'),
    ])
    .where('code_key', '=', codeKey)
    .forShare('referral_codes')
    .executeTakeFirst()
}
