import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'

const TOP = 10

interface TopReferrer {
  clicks: number
  registrations: number
  confirmed: number
  id: string
  email: string | null
  username: string | null
}

/** Those who brought most people within the range; it reads all figures of that time. */
export async function listTopReferrers(db: Db, { starts, ends }: { starts: Date; ends: Date }) {
  const { rows } = await sql<TopReferrer>`
    select top.clicks, top.registrations, top.confirmed, users.id, users.email, users.username
    from (
      select referrer_id, sum(clicks)::int8 as clicks, sum(registrations)::int8 as registrations,
        sum(confirmed)::int8 as confirmed
      from figures where at >= ${starts} and at < ${ends}
      group by 1 having sum(registrations) > 0
      order by registrations desc, confirmed desc, referrer_id limit ${sql.lit(TOP)}
    ) as top join users on users.id = top.referrer_id
    order by top.registrations desc, top.confirmed desc, users.id`.execute(db)
  return rows.map(({ id, email, username, ...figures }) => ({
    referrer: { id, email, username },
    ...figures,
  }))
}

export async function countCodes(db: Db) {
  const { rows } = await sql<{ codes: number; codes_expiring: number }>`
    select
      (select count(*) from referral_codes) as codes,
      -- One that is told to be over is over, and has left the index that this is read from.
      (select count(*) from referral_codes where retired_at is null and expired_told_at is null
        and expires_at between now() and now() + interval '7 days')
        as codes_expiring`.execute(db)
  return rows[0]!
}

/** Referrals that wait for an administrator, as they are just now. */
export async function countInReview(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('referrals')
    .select((where) => where.fn.countAll<number>().as('count'))
    .where('status', '=', sql.lit('review'))
    .executeTakeFirstOrThrow()
  return count
}
