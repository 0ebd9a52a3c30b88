import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { type PageQuery, pageOf } from '../db/page.ts'
import type { DB } from '../db/schema.ts'

export interface Filters {
  status?: 'pending' | 'confirmed'
  q?: string
  created_from?: Date
  created_to?: Date
}

export function insertReferral(
  db: Db,
  values: Pick<Record<keyof DB['referrals'], string>, 'user_id' | 'referrer_id' | 'code_id'> & {
    user_seq: number
    referrer_seq: number
    code_expires_at: Date
  },
) {
  return db.insertInto('referrals').values(values).execute()
}

/** An erased user is nobody. */
/** Of all who confirm it at once exactly one changes the row. */
export function confirmReferral(db: Db, userId: string) {
  return db
    .updateTable('referrals')
    .set({ status: 'confirmed', confirmed_at: sql`clock_timestamp()` })
    .where('user_id', '=', userId)
    .where('status', '=', 'pending')
    .execute()
}

export async function userExists(db: Db, id: string): Promise<boolean> {
  const found = await db
    .selectFrom('users')
    .select('id')
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

export function listReferrals(db: Db, referrerId: string, filters: Filters, page: PageQuery) {
  const all = filtered(db, referrerId, filters)
  const shown = all
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .select([
      'referrals.user_id as id',
      'referrals.user_id',
      'users.email',
      'users.username',
      'referral_codes.code',
      'referrals.status',
      'referrals.attributed_at as created_at',
      'referrals.confirmed_at',
    ])
    .$narrowType<{ status: 'pending' | 'confirmed' }>()
  const { q, created_from, created_to, status } = filters
  const kept = q === undefined && created_from === undefined && created_to === undefined
  return pageOf(shown, 'referrals.user_id', page, () =>
    kept ? keptTotal(db, referrerId, status) : countAll(all),
  )
}

/** Registrations and confirmations of each interval between two days, none left out. */
export async function listFigures(
  db: Db,
  referrerId: string,
  range: { from: Date; to: Date; interval: 'day' | 'week' | 'month' },
) {
  const from = sql`(${range.from}::timestamptz at time zone 'UTC')`
  const to = sql`(${range.to}::timestamptz at time zone 'UTC')`
  const { rows } = await sql<{ at: Date; registrations: number; confirmed: number }>`
    with days as (
      select date_trunc(${range.interval}, day::timestamp) as at,
        sum(registrations)::int8 as registrations, sum(confirmed)::int8 as confirmed
      from referral_days
      where referrer_id = ${referrerId}
        and day between ${from}::date and ${to}::date
      group by 1
    )
    select at at time zone 'UTC' as at,
      coalesce(registrations, 0)::int8 as registrations, coalesce(confirmed, 0)::int8 as confirmed
    from generate_series(
      date_trunc(${range.interval}, ${from}),
      ${to}, ('1 ' || ${range.interval})::interval) as at
    left join days using (at)
    order by at`.execute(db)
  return rows
}

function filtered(db: Db, referrerId: string, { status, q, created_from, created_to }: Filters) {
  const pattern = `%${(q ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`
  // The keys are in lower case in every script; the database may know the case of ASCII only.
  const keyPattern = pattern.normalize('NFKC').toLowerCase()
  return db
    .selectFrom('referrals')
    .innerJoin('users', 'users.id', 'referrals.user_id')
    .where('referrals.referrer_id', '=', referrerId)
    .$if(status !== undefined, (query) => query.where('referrals.status', '=', status!))
    .$if(created_from !== undefined, (query) => query.where('attributed_at', '>=', created_from!))
    .$if(created_to !== undefined, (query) => query.where('attributed_at', '<', created_to!))
    .$if(q !== undefined, (query) =>
      query.where((where) =>
        where.or([
          where('users.email', 'ilike', pattern),
          where('users.email_key', 'like', keyPattern),
          where('users.username_key', 'like', keyPattern),
        ]),
      ),
    )
}

async function countAll(query: ReturnType<typeof filtered>): Promise<number> {
  const { total } = await query
    .select((where) => where.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return total
}

async function keptTotal(db: Db, referrerId: string, status?: string): Promise<number> {
  const { all, confirmed } = await db
    .selectFrom('referral_totals')
    .select([
      sql<number>`coalesce(sum(registrations), 0)::int8`.as('all'),
      sql<number>`coalesce(sum(confirmed), 0)::int8`.as('confirmed'),
    ])
    .where('referrer_id', '=', referrerId)
    .executeTakeFirstOrThrow()
  if (status === 'confirmed') return confirmed
  return status === 'pending' ? all - confirmed : all
}
