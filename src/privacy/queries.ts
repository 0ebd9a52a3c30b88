import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { Purpose } from './schemas.ts'

const now = sql<Date>`clock_timestamp()`

/** Ends every session of a user and empties what it tells of the device. */
export async function eraseSessions(db: Db, userId: string): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ revoked_at: sql`coalesce(revoked_at, ${now})`, user_agent: '', client_id: '' })
    .where('user_id', '=', userId)
    .execute()
}

/** Spends every open link of a user. */
export async function spendEmailTokens(db: Db, userId: string): Promise<void> {
  await db
    .updateTable('email_tokens')
    .set({ used_at: now })
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
}

/** Empties everything personal of a user; the row stays, so that the counts of others stay true. */
export async function eraseUser(db: Db, id: string): Promise<void> {
  await db
    .updateTable('users')
    .set({
      erased_at: now,
      email: null,
      email_key: null,
      username: null,
      username_key: null,
      password_hash: null,
      email_verified_at: null,
      name: null,
      avatar_url: null,
      company: null,
      locale: sql`default`,
    })
    .where('id', '=', id)
    .execute()
}

/** When a user confirmed the address, and was invited by an administrator. */
export function getMoments(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select(['email_verified_at', 'invited_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
}

/** How a user came here: the referrer's public name and the code. */
export function findOwnReferral(db: Db, userId: string) {
  return db
    .selectFrom('referrals')
    .innerJoin('users as referrers', 'referrers.id', 'referrals.referrer_id')
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .select([
      'referrers.username as referrer_name',
      'referral_codes.code',
      'referrals.status',
      'referrals.attributed_at as created_at',
      'referrals.confirmed_at',
    ])
    .where('referrals.user_id', '=', userId)
    .$narrowType<{ status: 'pending' | 'confirmed' | 'review' | 'refused' }>()
    .executeTakeFirst()
}

/** Sessions of a user, newest first, ended ones too. */
export function listAllSessions(db: Db, userId: string, limit: number) {
  return db
    .selectFrom('sessions')
    .select(['client_id', 'user_agent', 'created_at', 'used_at', 'expires_at', 'revoked_at'])
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Links that were mailed to a user, newest first. */
export function listLinks(db: Db, userId: string, limit: number) {
  return db
    .selectFrom('email_tokens')
    .select(['purpose', 'created_at', 'expires_at', 'used_at'])
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .$narrowType<{ purpose: Purpose }>()
    .execute()
}
