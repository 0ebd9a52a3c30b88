import { sql } from 'kysely'
import type { Db } from './connect.ts'

export interface Totals {
  users: number
  codes_active: number
  referrals_pending: number
  referrals_confirmed: number
}

/** Counts the rows themselves; seconds at tens of millions, so callers keep the answer for a while. */
export async function countTotals(db: Db): Promise<Totals> {
  const { rows } = await sql<Totals>`
    select
      (select count(*) from users where erased_at is null) as users,
      (select count(*) from referral_codes
        where retired_at is null and expires_at > clock_timestamp()) as codes_active,
      (select coalesce(sum(registrations - confirmed), 0)::int8 from referral_totals)
        as referrals_pending,
      (select coalesce(sum(confirmed), 0)::int8 from referral_totals) as referrals_confirmed
    `.execute(db)
  return rows[0]!
}
