import { sql } from 'kysely'
import { jsonBuildObject } from 'kysely/helpers/postgres'
import type { Db } from '../db/connect.ts'
import { hotFirst } from '../db/hot.ts'
import { LOCKS } from '../db/locks.ts'
import type { Locale } from '../words/catalogue.ts'

export interface NewUser {
  id: string
  email: string
  email_key: string
  username: string | null
  username_key: string | null
  password_hash: string
  locale: string
}

export const insertUser = async (db: Db, values: NewUser) => (await insertOne(db, { ...values }))!

const insertOne = hotFirst(
  'accounts.insertUser',
  (db, values: { [Field in keyof NewUser]: NewUser[Field] }) =>
    db.insertInto('users').values(values).returning(['id', 'seq']),
)

export function insertAdmin(db: Db, values: NewUser) {
  return db
    .insertInto('users')
    .values({ ...values, role: 'admin', email_verified_at: sql`clock_timestamp()` })
    .returning('id')
    .executeTakeFirstOrThrow()
}

/** One makes the first administrator at a time, on all instances. */
export async function lockFirstAdmin(db: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCKS.firstAdmin})`.execute(db)
}

/** Undefined when the address has an account. */
export function insertInvited(db: Db, values: NewUser & { role: 'user' | 'admin' }) {
  return db
    .insertInto('users')
    .values({ ...values, invited_at: sql`clock_timestamp()` })
    .onConflict((conflict) => conflict.column('email_key').doNothing())
    .returning(['id', 'role'])
    .executeTakeFirst()
}

/** Who was invited and has not accepted yet, held until the transaction ends. */
export function holdInvited(db: Db, emailKey: string) {
  return db
    .selectFrom('users')
    .select(['id', 'role'])
    .where('email_key', '=', emailKey)
    .where('invited_at', 'is not', null)
    .where('email_verified_at', 'is', null)
    .where('blocked_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

/** A user as the API shows it, with the referrer's public name and the code that was used. */
export const findUser = hotFirst('accounts.findUser', (db, id: string) =>
  db
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
    .$narrowType<{ email: string; role: 'user' | 'admin'; locale: Locale }>(),
)

interface ProfileChanges {
  username?: string | null
  username_key?: string | null
  locale?: string
  name?: string | null
  avatar_url?: string | null
  company?: string | null
}

/** Changes what is named; `own` are the fields that are the user's from now on, whatever is found out later. */
export function updateProfile(db: Db, id: string, changes: ProfileChanges, own: string[]) {
  return db
    .updateTable('users')
    .set({
      ...changes,
      profile_own: sql`array(select distinct unnest(profile_own || ${own}::text[]))`,
    })
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .execute()
}

/** Whether there is any administrator who could sign in. */
export async function hasAdmin(db: Db): Promise<boolean> {
  const found = await db
    .selectFrom('users')
    .select('id')
    // Written out, so that the index of administrators serves it.
    .where('role', '=', sql.lit('admin'))
    .where('erased_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

export function lockByEmailKey(db: Db, emailKey: string) {
  return db
    .selectFrom('users')
    .select(['id', 'role'])
    .where('email_key', '=', emailKey)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

export async function makeAdmin(db: Db, id: string): Promise<void> {
  await db.updateTable('users').set({ role: 'admin' }).where('id', '=', id).execute()
}
