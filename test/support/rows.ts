import { sql } from 'kysely'
import type { Context } from '../../src/context.ts'
import { findViolations } from '../../src/db/invariants.ts'
import { foldCode, generateCode } from '../../src/lib/code-text.ts'
import { parseEmail } from '../../src/lib/email.ts'
import { newId } from '../../src/lib/ids.ts'
import { parseUsername } from '../../src/lib/usernames.ts'
import type { TestApp } from './app.ts'

/** Makes a code one that was created two hours and expired one hour ago. What is cached stays. */
export async function expireCode(it: TestApp, code: string): Promise<void> {
  const ago = (hours: number) => sql<Date>`clock_timestamp() - make_interval(hours => ${hours})`
  await it.ctx.db
    .updateTable('referral_codes')
    .set({ created_at: ago(2), expiry_set_at: ago(2), expires_at: ago(1) })
    .where('code_key', '=', foldCode(code))
    .execute()
}

/** People without a password to sign in with: many at once, since none is hashed. */
export function insertUsers(it: TestApp, count: number, fields: object = {}) {
  const users = Array.from({ length: count }, () => {
    const email = `${newId()}@example.com`
    return { id: newId(), email, email_key: email, password_hash: 'none', ...fields }
  })
  return it.ctx.db
    .insertInto('users')
    .values(users)
    .returning(['id', 'seq', 'email', 'email_key'])
    .$narrowType<{ email_key: string }>()
    .execute()
}

/** Makes an account an administrator's; its tokens stay good. */
export async function promote(it: TestApp, account: { id: string }): Promise<void> {
  await it.ctx.db.updateTable('users').set({ role: 'admin' }).where('id', '=', account.id).execute()
}

/** A code's row. */
export function findRow(it: TestApp, code: string) {
  return it.ctx.db
    .selectFrom('referral_codes')
    .selectAll()
    .where('code_key', '=', foldCode(code))
    .executeTakeFirstOrThrow()
}

/** A code that nothing was told of, so that the cache may keep it at once; valid for a day. */
export function insertCode(it: TestApp, owner: { id: string }, expiresAt?: Date) {
  const code = generateCode()
  const expires_at = expiresAt ?? sql<Date>`clock_timestamp() + interval '1 day'`
  return it.ctx.db
    .insertInto('referral_codes')
    .values({ id: newId(), user_id: owner.id, code, code_key: foldCode(code), expires_at })
    .returning(['id', 'code', 'expires_at'])
    .executeTakeFirstOrThrow()
}

interface Person {
  email?: string
  username?: string
  at?: Date
  confirmedAt?: Date
}

/** People who registered with this code, the last one newest; returns their ids in that order. */
export async function insertReferrals(it: TestApp, code: string, people: Person[]) {
  const { db } = it.ctx
  const row = await findRow(it, code)
  const owner = await db
    .selectFrom('users')
    .select('seq')
    .where('id', '=', row.user_id)
    .executeTakeFirstOrThrow()
  const ids: string[] = []
  for (const { at, confirmedAt, ...names } of people) {
    const email = names.email ?? `${newId()}@example.com`
    const username_key = names.username && parseUsername(names.username)!.key
    const keys = { email_key: parseEmail(email)!.key, ...(username_key && { username_key }) }
    const [user] = await insertUsers(it, 1, { ...names, email, ...keys })
    await db
      .insertInto('referrals')
      .values({
        user_id: user!.id,
        user_seq: user!.seq,
        referrer_id: row.user_id,
        referrer_seq: owner.seq,
        code_id: row.id,
        code_expires_at: row.expires_at,
        ...(at && { attributed_at: at }),
        ...(confirmedAt && { status: 'confirmed', confirmed_at: confirmedAt }),
      })
      .execute()
    ids.push(user!.id)
  }
  return ids
}

/** What is wrong with the rows: broken invariants, and codes of one user that were valid together. */
export async function findBroken(it: TestApp): Promise<unknown[]> {
  const { rows } = await sql`
    select first.code, next.code as beside from referral_codes first
    join referral_codes next on next.user_id = first.user_id and next.created_at > first.created_at
    where coalesce(first.retired_at, 'infinity') > next.created_at`.execute(it.ctx.db)
  return [...(await findViolations(it.ctx.db)), ...rows]
}

/** Work in one transaction that is never tried again, so that a deadlock is seen. */
export function untried<T>(it: TestApp, work: (ctx: Context) => Promise<T>): Promise<T> {
  return it.ctx.db.transaction().execute((db) => work({ ...it.ctx, db }))
}

/** Connections that wait for a lock just now. */
export async function countWaiting(it: TestApp): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*) as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(it.ctx.db)
  return rows[0]!.waiting
}
