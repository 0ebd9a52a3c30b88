import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { Locale } from '../words/catalogue.ts'

/** Whom a mail goes to; nobody who is blocked or erased. */
export function findRecipient(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select([
      'id',
      'email',
      'locale',
      sql<boolean>`email_verified_at is not null`.as('email_verified'),
    ])
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .where('blocked_at', 'is', null)
    .$narrowType<{ email: string; locale: Locale }>()
    .executeTakeFirst()
}

export function findByEmailKey(db: Db, emailKey: string) {
  return db
    .selectFrom('users')
    .select(['id', 'blocked_at'])
    .where('email_key', '=', emailKey)
    .executeTakeFirst()
}

/** What a mail is about: a code with its expiry, or a session with its device and start. */
export async function findSubject(db: Db, id: string) {
  const code = await db
    .selectFrom('referral_codes')
    .select(['code as subject', 'expires_at as at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (code) return code
  return db
    .selectFrom('sessions')
    .select(['user_agent as subject', 'created_at as at'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/**
 * Opens a link and voids those opened before it; again for the same id it only makes an open one last its whole
 * time. False when it is used or void by now, or its user erased.
 */
export async function openEmailToken(
  db: Db,
  token: { id: string; userId: string; purpose: string; lifetimeMs: number },
): Promise<boolean> {
  const { rows } = await sql`
    with voided as (
      update email_tokens set used_at = clock_timestamp()
      where user_id = ${token.userId} and purpose = ${token.purpose} and used_at is null
        and not exists (select from email_tokens where id = ${token.id})
      returning id
    )
    insert into email_tokens (id, user_id, purpose, expires_at)
    select ${token.id}, ${token.userId}, ${token.purpose},
      clock_timestamp() + ${token.lifetimeMs} * interval '1 millisecond'
    from users, (select count(*) from voided) as all_voided
    where users.id = ${token.userId} and erased_at is null
    for key share of users
    on conflict (id) do update set expires_at = excluded.expires_at
      where email_tokens.used_at is null
    returning id`.execute(db)
  return rows.length > 0
}

/** Voids every open link of a purpose. */
export async function voidEmailTokens(db: Db, userId: string, purpose: string): Promise<void> {
  await db
    .updateTable('email_tokens')
    .set({ used_at: sql`clock_timestamp()` })
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .execute()
}

/** Spends a link: of all who use it at once exactly one gets the row. */
export function spendEmailToken(db: Db, id: string, purpose: string) {
  return db
    .updateTable('email_tokens')
    .set({ used_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .returning('user_id')
    .executeTakeFirst()
}

/** The user of a link that is still open; nobody who was erased. */
export function findTokenOwner(db: Db, id: string) {
  return db
    .selectFrom('email_tokens')
    .innerJoin('users', 'users.id', 'email_tokens.user_id')
    .select(['users.id', 'users.email', 'users.username'])
    .where('email_tokens.id', '=', id)
    .where('used_at', 'is', null)
    .where('users.erased_at', 'is', null)
    .where('email_tokens.expires_at', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst()
}

/** Holds the user of a link until the transaction ends. */
export async function lockTokenOwner(db: Db, id: string): Promise<void> {
  await db
    .selectFrom('email_tokens')
    .innerJoin('users', 'users.id', 'email_tokens.user_id')
    .select('users.id')
    .where('email_tokens.id', '=', id)
    .forNoKeyUpdate('users')
    .execute()
}

/** True for the one call that confirmed the address. */
export async function markVerified(db: Db, id: string): Promise<boolean> {
  const changed = await db
    .updateTable('users')
    .set({ email_verified_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('email_verified_at', 'is', null)
    .where('erased_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return changed !== undefined
}
