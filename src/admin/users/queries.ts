import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { COUNTED_IN_SEARCH_MAX, longPageOf, madeWithin, type PageQuery } from '../../db/page.ts'
import { anywhere } from '../people-queries.ts'

export interface Filters {
  q?: Search
  role?: 'user' | 'admin'
  blocked?: boolean
  email_verified?: boolean
  created_from?: Date
  created_to?: Date
}

export interface Search {
  /** Part of an address or a name, as their keys are written. */
  text: string
  id?: string
  codeKey?: string
}

/** A page of everybody, newest first, erased people too; each with the active code and the count of referrals. */
export async function listUsers(db: Db, filters: Filters, page: PageQuery) {
  const counted = { ...page, ...(filters.q && { countMax: COUNTED_IN_SEARCH_MAX }) }
  const found = await longPageOf(db, allUsers(db, filters), 'users.id', counted)
  return { ...found, items: found.items.map(withCode) }
}

/** The users that these filters find, in no order. */
export const allUsers = (db: Db, filters: Filters) => filtered(db, filters).select(listed)

/** A user with everything that an administrator is shown of one. */
export async function findUser(db: Db, id: string) {
  const found = await db
    .selectFrom('users')
    .where('users.id', '=', id)
    .select([...listed, ...detailed])
    .executeTakeFirst()
  return found && { ...withCode(found), referrers: await listReferrers(db, id) }
}

/** Users held until the transaction ends, in the order of their ids; erased ones are not found. */
export function lockUsers(db: Db, ids: string[]) {
  return db
    .selectFrom('users')
    .select(['id', 'role', 'blocked_at'])
    .where('id', 'in', ids)
    .where('erased_at', 'is', null)
    .orderBy('id')
    .forNoKeyUpdate()
    .$narrowType<{ role: 'user' | 'admin' }>()
    .execute()
}

export async function userExists(db: Db, id: string): Promise<boolean> {
  return (
    (await db.selectFrom('users').select('id').where('id', '=', id).executeTakeFirst()) !==
    undefined
  )
}

/** Stamps a block in a statement after the one that waited for the user and the code. */
export async function updateBlock(db: Db, id: string, reason: string | null): Promise<void> {
  await db
    .updateTable('users')
    .set({ blocked_at: sql`clock_timestamp()`, blocked_reason: reason })
    .where('id', '=', id)
    .execute()
}

export async function liftBlock(db: Db, id: string): Promise<void> {
  const free = { blocked_at: null, blocked_reason: null }
  await db.updateTable('users').set(free).where('id', '=', id).execute()
}

export async function updateRole(db: Db, id: string, role: 'user' | 'admin'): Promise<void> {
  await db.updateTable('users').set({ role }).where('id', '=', id).execute()
}

// No join, which PostgreSQL would make for the count too.
const ofActiveCode = <T>(column: 'code' | 'expires_at') =>
  sql<T | null>`(select ${sql.ref(column)} from referral_codes where user_id = users.id
    and retired_at is null and expires_at > clock_timestamp())`

const listed = [
  'users.id',
  'users.email',
  'users.username',
  sql<'user' | 'admin'>`users.role`.as('role'),
  sql<boolean>`users.email_verified_at is not null`.as('email_verified'),
  'users.invited_at',
  'users.blocked_at',
  'users.erased_at',
  'users.created_at',
  ofActiveCode<string>('code').as('active_code'),
  ofActiveCode<Date>('expires_at').as('active_code_expires_at'),
  sql<number>`(select coalesce(sum(registrations), 0)::int8 from referral_totals
    where referrer_id = users.id)`.as('referrals'),
] as const

const detailed = [
  sql<'en' | 'ru'>`users.locale`.as('locale'),
  'users.name',
  'users.avatar_url',
  'users.company',
  'users.email_verified_at',
  'users.blocked_reason',
  sql<number>`(select coalesce(sum(confirmed), 0)::int8 from referral_totals
    where referrer_id = users.id)`.as('referrals_confirmed'),
  sql<number>`(select count(*)::int8 from referral_codes where user_id = users.id)`.as('codes'),
  sql<number>`(select count(*)::int8 from sessions where user_id = users.id
    and revoked_at is null and sessions.expires_at > clock_timestamp())`.as('sessions'),
  sql<Date | null>`(select sessions.created_at from sessions where user_id = users.id
    order by sessions.id desc limit 1)`.as('last_sign_in_at'),
] as const

function filtered(db: Db, { q, role, blocked, email_verified, ...span }: Filters) {
  const { created_from: from, created_to: to } = span
  return db
    .selectFrom('users')
    .where(madeWithin({ id: 'users.id', at: 'users.created_at' }, { from, to }))
    .$if(role !== undefined, (query) => query.where('users.role', '=', role!))
    .$if(blocked !== undefined, (query) =>
      query.where('users.blocked_at', blocked ? 'is not' : 'is', null),
    )
    .$if(email_verified !== undefined, (query) =>
      query.where(sql<boolean>`(users.email_verified_at is not null) = ${email_verified}`),
    )
    .$if(q !== undefined, (query) => query.where(matching(q!)))
}

// An id is nobody's name, so that with one nothing else is looked through.
function matching({ text, id, codeKey }: Search) {
  if (id) return sql<boolean>`users.id = ${id}`
  // The index finds three letters or more anywhere, fewer only where a name begins.
  const pattern = text.length < 3 ? anywhere(text).slice(1) : anywhere(text)
  const owner = codeKey
    ? sql`or users.id = (select user_id from referral_codes where code_key = ${codeKey})`
    : sql``
  return sql<boolean>`
    (users.email_key like ${pattern} or users.username_key like ${pattern} ${owner})`
}

function withCode<R extends { active_code: string | null; active_code_expires_at: Date | null }>({
  active_code: code,
  active_code_expires_at: expires_at,
  ...user
}: R) {
  return { ...user, active_code: code && expires_at ? { code, expires_at } : null }
}

// Nearest first. That it ends is kept by I4: a referrer's number is always the smaller one.
async function listReferrers(db: Db, userId: string) {
  const { rows } = await sql<{ id: string; name: string | null; code: string }>`
    with recursive up as (
      select referrer_id, code_id, 1 as step from referrals where user_id = ${userId}
      union all
      select r.referrer_id, r.code_id, step + 1 from up join referrals r on r.user_id = up.referrer_id
      where step < 1000
    )
    select users.id, users.username as name, referral_codes.code from up
    join users on users.id = up.referrer_id
    join referral_codes on referral_codes.id = up.code_id
    order by step`.execute(db)
  return rows
}
