import { sql } from 'kysely'
import { foldCode } from '../../src/lib/code-text.ts'
import { newId } from '../../src/lib/ids.ts'
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
  return it.ctx.db.insertInto('users').values(users).returning(['id', 'seq', 'email']).execute()
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

/** The rows that break an invariant of codes and referrals (I1, I4 to I6, I8): none, ever. */
export async function findBroken(it: TestApp): Promise<unknown[]> {
  const { rows } = await sql`
    select 'I1' as broken, user_id::text as id from referral_codes where retired_at is null
      group by user_id having count(*) > 1
    union all
    select 'I4', user_id::text from referrals where referrer_seq >= user_seq
    union all
    select 'I5', user_id::text from referrals where attributed_at >= code_expires_at
    union all
    select 'I6', r.user_id::text from referrals r join referral_codes c on c.id = r.code_id
      where attributed_at >= retired_at
    union all
    select 'overlap', one.code from referral_codes one
      join referral_codes next on next.user_id = one.user_id and next.id > one.id
      where coalesce(one.retired_at, one.expires_at) > next.created_at
    union all
    select 'I8 totals', referrer_id::text from (
      select referrer_id, count(*) as registrations, count(confirmed_at) as confirmed
        from referrals group by 1) as counted
      full join (select referrer_id, sum(registrations) as registrations, sum(confirmed) as confirmed
        from referral_totals group by 1) as kept using (referrer_id, registrations, confirmed)
      where counted is null or kept is null
    union all
    select 'I8 days', referrer_id::text from (
      select referrer_id, (attributed_at at time zone 'UTC')::date as day, count(*) as registrations
        from referrals group by 1, 2) as counted
      full join (select referrer_id, day, sum(registrations) as registrations
        from referral_days group by 1, 2 having sum(registrations) > 0) as kept
        using (referrer_id, day, registrations)
      where counted is null or kept is null
    union all
    select 'I8 codes', code_id::text from (
      select code_id, count(*) as registrations from referrals group by 1) as counted
      full join (select code_id, sum(registrations) as registrations from code_totals group by 1)
        as kept using (code_id, registrations)
      where counted is null or kept is null`.execute(it.ctx.db)
  return rows
}
