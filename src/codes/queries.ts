import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { hot, hotFirst } from '../db/hot.ts'
import { type PageQuery, pageOf } from '../db/page.ts'

const now = sql<Date>`clock_timestamp()`
// By the other, which may change from row to row, an index cannot be asked.
const begun = sql<Date>`statement_timestamp()`
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
export const lockOwner = hotFirst('codes.lockOwner', (db, userId: string) =>
  db
    .selectFrom('users')
    .select(['id', 'email_key'])
    .where('id', '=', userId)
    .where('erased_at', 'is', null)
    .forNoKeyUpdate(),
)

/** The unretired code of a user, expired or not, held against registrations until the transaction ends. */
export const lockUnretired = hotFirst('codes.lockUnretired', (db, userId: string) =>
  db
    .selectFrom('referral_codes')
    .select(['id', 'code_key', 'expires_at', isActive.as('is_active'), closeGate.as('gate')])
    .where('user_id', '=', userId)
    .where('retired_at', 'is', null)
    .forUpdate(),
)

/**
 * Stamps a code that `lockUnretired` holds. A statement of its own: PostgreSQL reads the clock before it
 * waits for a lock. A code that had expired was over at its expiry.
 */
export const retireLocked = hot('codes.retireLocked', (db, id: string) =>
  db
    .updateTable('referral_codes')
    .set({ retired_at: sql`least(clock_timestamp(), expires_at)` })
    .where('id', '=', id),
)

/** Undefined when the text is taken. Dated by this statement: after the code before it was retired. */
export const insertCode = hotFirst(
  'codes.insertCode',
  (db, code: { id: string; user_id: string; code: string; code_key: string; expires_at: Date }) =>
    db
      .insertInto('referral_codes')
      .values({ ...code, created_at: sql`statement_timestamp()` })
      .onConflict((conflict) => conflict.column('code_key').doNothing())
      .returning(columns),
)

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

export const findActiveCode = hotFirst('codes.findActiveCode', (db, userId: string) =>
  db.selectFrom('referral_codes').select(columns).where('user_id', '=', userId).where(isActive),
)

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
export const findCheck = hotFirst('codes.findCheck', (db, codeKey: string) =>
  db
    .selectFrom('referral_codes')
    .innerJoin('users', 'users.id', 'referral_codes.user_id')
    .select([
      'referral_codes.id',
      'code',
      'expires_at',
      offSince.as('retired_at'),
      'username as referrer_name',
    ])
    .where('code_key', '=', codeKey),
)

/** The active code of an address; whoever keeps it for a while looks at its expiry again. */
export function findByEmail(db: Db, emailKey: string) {
  return (
    db
      .selectFrom('users')
      .innerJoin('referral_codes', 'referral_codes.user_id', 'users.id')
      .select(['referral_codes.id', 'code', 'expires_at', 'referral_codes.created_at'])
      .where('email_key', '=', emailKey)
      .where('retired_at', 'is', null)
      .where('blocked_at', 'is', null)
      // An expired one that came from here was refused measurably later than none at all.
      .where('expires_at', '>', now)
      .executeTakeFirst()
  )
}

/** Some codes whose end within three days was not told yet; stamps them as told. None that somebody holds. */
export function takeEnding(db: Db, limit: number) {
  const ending = untold(db, limit)
    .where('expiry_announced_at', 'is', null)
    .where('expires_at', '>', begun)
    .where('expires_at', '<', sql<Date>`statement_timestamp() + interval '72 hours'`)
    // One that was made for less than three days has nothing to be reminded of.
    .where('expiry_set_at', '<', sql<Date>`expires_at - interval '72 hours'`)
  return stamp(db, 'expiry_announced_at', ending)
}

/** The same of codes whose end is past. */
export const takeOver = (db: Db, limit: number) =>
  stamp(db, 'expired_told_at', untold(db, limit).where('expires_at', '<=', begun))

const untold = (db: Db, limit: number) =>
  db
    .selectFrom('referral_codes')
    .select('id')
    .where('retired_at', 'is', null)
    .where('expired_told_at', 'is', null)
    .orderBy('expires_at')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()

const stamp = (
  db: Db,
  field: 'expiry_announced_at' | 'expired_told_at',
  codes: ReturnType<typeof untold>,
) =>
  db
    .updateTable('referral_codes')
    .set({ [field]: now })
    .where('id', 'in', codes)
    .returning(['id', 'user_id'])
    .execute()

/**
 * Creates a code in one statement for an owner without an unretired one, held from here on; undefined where
 * anything is in the way: no such owner, a code of theirs, or the text taken.
 */
export const insertFirst = hotFirst(
  'codes.insertFirst',
  (db, code: { id: string; user_id: string; code: string; code_key: string; expires_at: Date }) =>
    db
      .with('owner', (db) =>
        db
          .selectFrom('users')
          .select(['id', 'email_key'])
          .where('id', '=', code.user_id)
          .where('erased_at', 'is', null)
          .forNoKeyUpdate(),
      )
      .insertInto('referral_codes')
      .columns(['id', 'user_id', 'code', 'code_key', 'expires_at', 'created_at'])
      .expression((db) =>
        db.selectFrom('owner').select([
          sql<string>`${code.id}::uuid`.as('id'),
          'owner.id as user_id',
          sql<string>`${code.code}::text`.as('code'),
          sql<string>`${code.code_key}::text`.as('code_key'),
          sql<Date>`${code.expires_at}::timestamptz`.as('expires_at'),
          // Read once the owner is held: after whatever retired the code before.
          now.as('created_at'),
        ]),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning([
        ...columns,
        sql<string | null>`(select email_key from owner)`.as('owner_email_key'),
      ]),
)

/** The code held for a registration: it can neither be retired nor moved until the transaction ends. */
export const holdCode = hotFirst('codes.holdCode', (db, codeKey: string) =>
  db
    .selectFrom('referral_codes')
    .innerJoin('users', 'users.id', 'referral_codes.user_id')
    .select([
      'referral_codes.id',
      'referral_codes.user_id',
      'users.seq as user_seq',
      'users.email_key as owner_email_key',
      'expires_at',
      offSince.as('retired_at'),
      shareGate.as('gate'),
    ])
    .where('code_key', '=', codeKey)
    .forShare('referral_codes'),
)
