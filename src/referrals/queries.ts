import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { hot, hotFirst } from '../db/hot.ts'
import { cutPage, type PageQuery, pageOf, readCursor } from '../db/page.ts'
import type { DB } from '../db/schema.ts'
import type { ReasonName, StatusName } from './schemas.ts'

export interface Filters {
  status?: StatusName
  q?: string
  /** Whether `q` may be part of the address too. */
  byEmail?: boolean
  created_from?: Date
  created_to?: Date
}

type NewReferral = Pick<
  Record<keyof DB['referrals'], string>,
  'user_id' | 'referrer_id' | 'code_id'
> & {
  user_seq: number
  referrer_seq: number
  code_expires_at: Date
  status: StatusName
  reason: ReasonName | null
}

export const insertReferral = hot('referrals.insertReferral', (db, values: NewReferral) =>
  db.insertInto('referrals').values(values),
)

/** Takes one of the `places` that a code has each hour; false when all are taken. Waits for nobody. */
export async function takeCodePlace(db: Db, codeId: string, places: number): Promise<boolean> {
  return (await takePlace(db, codeId, places))!.free
}

const takePlace = hotFirst('referrals.takeCodePlace', (db, codeId: string, places: number) =>
  db.selectNoFrom(sql<boolean>`take_code_place(${codeId}, ${places})`.as('free')),
)

/** Of all who confirm it at once exactly one changes the row. */
export function confirmReferral(db: Db, userId: string) {
  return db
    .updateTable('referrals')
    .set({ status: 'confirmed', confirmed_at: sql`clock_timestamp()` })
    .where('user_id', '=', userId)
    .where('status', '=', 'pending')
    .execute()
}

/** An erased user is nobody. */
export async function userExists(db: Db, id: string): Promise<boolean> {
  const found = await db
    .selectFrom('users')
    .select('id')
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

/** A page of a user's referrals; the first without filters, and each after it by cursor, in one statement. */
export function listReferrals(db: Db, referrerId: string, filters: Filters, page: PageQuery) {
  const whole = Object.values(filters).every((value) => value === undefined)
  if (whole && (page.page === 1 || page.cursor !== undefined)) {
    return listAll(db, referrerId, page)
  }
  const shown = shownReferrals(db, referrerId, filters)
  const { q, created_from, created_to, status } = filters
  const kept = q === undefined && created_from === undefined && created_to === undefined
  return pageOf(shown, 'referrals.user_id', page, () =>
    kept
      ? getCounts(db, referrerId).then((counts) => counts[status ?? 'all'])
      : countAll(filtered(db, referrerId, filters)),
  )
}

async function listAll(db: Db, referrerId: string, page: PageQuery) {
  const limit = page.size + 1
  const rows =
    page.cursor === undefined
      ? await listFirst(db, referrerId, limit)
      : await listAfter(db, referrerId, limit, readCursor(page.cursor))
  const total = rows[0]?.total ?? (await getCounts(db, referrerId)).all
  return cutPage(rows, total, page)
}

const listFirst = hot('referrals.listFirst', (db, referrerId: string, limit: number) =>
  newestWithTotal(db, referrerId).limit(limit),
)

const listAfter = hot(
  'referrals.listAfter',
  (db, referrerId: string, limit: number, after: string) =>
    newestWithTotal(db, referrerId)
      .where('referrals.user_id', '<', sql<string>`${after}::uuid`)
      .limit(limit),
)

const newestWithTotal = (db: Db, referrerId: string) =>
  shownReferrals(db, referrerId, {})
    .select(
      sql<number>`(select coalesce(sum(registrations + refused), 0)::int8 from referral_totals
        where referrer_id = ${referrerId})`.as('total'),
    )
    .orderBy('referrals.user_id', 'desc')

/** The referrals of a user that these filters find, in no order. */
export function shownReferrals(db: Db, referrerId: string, filters: Filters) {
  return filtered(db, referrerId, filters)
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .select([
      'referrals.user_id as id',
      'referrals.user_id',
      'users.email',
      'users.username',
      'referral_codes.code',
      'referrals.status',
      'referrals.reason',
      'referrals.attributed_at as created_at',
      'referrals.confirmed_at',
    ])
    .$narrowType<{ status: StatusName; reason: ReasonName | null }>()
}

/** How many referrals of each status there are, read from what is kept. */
export function getCounts(db: Db, referrerId: string) {
  return db
    .selectFrom('referral_totals')
    .select([
      sum('registrations + refused').as('all'),
      sum('registrations - confirmed - review').as('pending'),
      sum('confirmed').as('confirmed'),
      sum('review').as('review'),
      sum('refused').as('refused'),
    ])
    .where('referrer_id', '=', referrerId)
    .executeTakeFirstOrThrow()
}

const sum = (what: string) => sql<number>`coalesce(sum(${sql.raw(what)}), 0)::int8`

function filtered(
  db: Db,
  referrerId: string,
  { status, q, byEmail = false, created_from, created_to }: Filters,
) {
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
          ...(byEmail
            ? [where('users.email', 'ilike', pattern), where('users.email_key', 'like', keyPattern)]
            : []),
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
