import { sql } from 'kysely'
import type { Db } from './connect.ts'

export interface Totals {
  users: number
  codes_active: number
  referrals_pending: number
  referrals_confirmed: number
  referrals_review: number
  referrals_refused: number
}

/** Counts the rows themselves; seconds at tens of millions, so callers keep the answer for a while. */
export async function countTotals(db: Db): Promise<Totals> {
  const { rows } = await sql<Totals>`
    select
      (select count(*) from users where erased_at is null) as users,
      (select count(*) from referral_codes
        where retired_at is null and expires_at > clock_timestamp()) as codes_active,
      coalesce(sum(registrations - confirmed - review), 0)::int8 as referrals_pending,
      coalesce(sum(confirmed), 0)::int8 as referrals_confirmed,
      coalesce(sum(review), 0)::int8 as referrals_review,
      coalesce(sum(refused), 0)::int8 as referrals_refused
    from referral_totals
    `.execute(db)
  return rows[0]!
}
