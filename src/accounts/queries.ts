import { sql } from 'kysely'
import { jsonBuildObject } from 'kysely/helpers/postgres'
import type { Db } from '../db/connect.ts'
import type { Locale } from '../errors.ts'

interface NewUser {
  id: string
  email: string
  email_key: string
  username: string | null
  username_key: string | null
  password_hash: string
  locale: string
}

export function insertUser(db: Db, values: NewUser & { role?: 'user' | 'admin' }) {
  return db.insertInto('users').values(values).returning(['id', 'seq']).executeTakeFirstOrThrow()
}

/** A user as the API shows it, with the referrer's public name and the code that was used. */
export function findUser(db: Db, id: string) {
  return db
    .selectFrom('users')
    .leftJoin('referrals', 'referrals.user_id', 'users.id')
    .leftJoin('users as referrers', 'referrers.id', 'referrals.referrer_id')
    .leftJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .where('users.id', '=', id)
    .where('users.erased_at', 'is', null)
    .select((where) => [
      'users.id',
      'users.email',
      'users.username',
      'users.name',
      'users.avatar_url',
      'users.company',
      'users.role',
      'users.locale',
      'users.created_at',
      sql<boolean>`users.email_verified_at is not null`.as('email_verified'),
      where
        .case()
        .when('referrals.user_id', 'is not', null)
        .then(
          jsonBuildObject({
            name: where.ref('referrers.username'),
            code: where.ref('referral_codes.code').$notNull(),
          }),
        )
        .end()
        .as('referred_by'),
    ])
    .$narrowType<{ email: string; role: 'user' | 'admin'; locale: Locale }>()
    .executeTakeFirst()
}

export function updateProfile(
  db: Db,
  id: string,
  changes: { username?: string | null; username_key?: string | null; locale?: string },
) {
  return db.updateTable('users').set(changes).where('id', '=', id).execute()
}

/** Whether there is any administrator who could sign in. */
export async function hasAdmin(db: Db): Promise<boolean> {
  const found = await db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('erased_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

export function promote(db: Db, emailKey: string) {
  return db
    .updateTable('users')
    .set({ role: 'admin' })
    .where('email_key', '=', emailKey)
    .returning('id')
    .executeTakeFirst()
}
