import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { longPageOf, type PageQuery, pageOf } from '../../db/page.ts'
import type { StatusName } from '../../referrals/schemas.ts'

export interface Counts {
  direct: number
  total: number
}

/** A referral with whether it is still to be counted. */
export interface Step {
  user_id: string
  referrer_id: string
  seq: number
  uncounted: boolean
}

/**
 * At most `size` referrals that are not counted yet, with all those above them, each once: what counting them
 * needs. Ends after `stepsMax` rows.
 */
export async function listSteps(db: Db, size: number, stepsMax: number): Promise<Step[]> {
  const { rows } = await sql<Step>`
    with recursive uncounted as (
      select user_id from referral_tree_uncounted order by user_id limit ${size}
    ), steps as (
      select user_id, referrer_id, user_seq from referrals
        where user_id in (select user_id from uncounted)
      union
      -- One by one, since a plan for many at once would read the whole table at each level.
      select above.* from steps cross join lateral (
        select user_id, referrer_id, user_seq from referrals
        where user_id = steps.referrer_id limit 1
      ) as above
    )
    select steps.user_id, steps.referrer_id, steps.user_seq as seq,
      uncounted.user_id is not null as uncounted
    from steps left join uncounted on uncounted.user_id = steps.user_id
    limit ${stepsMax}`.execute(db)
  return rows
}

/** False, at once, while another transaction counts. */
export async function holdTree(db: Db): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('referral_tree', 0)) as held`.execute(db)
  return rows[0]!.held
}

/** Adds to what is kept, and takes from the list what was counted. */
export async function addCounts(
  db: Db,
  counts: Map<string, Counts>,
  counted: string[],
): Promise<void> {
  const added = [...counts].map(([user_id, { direct, total }]) => ({ user_id, direct, total }))
  await sql`
    update referral_tree set direct = referral_tree.direct + added.direct,
      total = referral_tree.total + added.total
    from json_to_recordset(${JSON.stringify(added)}::json)
      as added (user_id uuid, direct bigint, total bigint)
    where referral_tree.user_id = added.user_id`.execute(db)
  await sql`delete from referral_tree_uncounted where user_id = any (${counted}::uuid[])`.execute(
    db,
  )
}

export async function countUncounted(db: Db, max: number): Promise<number> {
  const { rows } = await sql<{ uncounted: number }>`
    select count(*) as uncounted
    from (select from referral_tree_uncounted limit ${max}) as some_of_them`.execute(db)
  return rows[0]!.uncounted
}

const people = (db: Db) =>
  db
    .selectFrom('users')
    .leftJoin('referrals', 'referrals.user_id', 'users.id')
    .leftJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .leftJoin('referral_tree', 'referral_tree.user_id', 'users.id')
    .select([
      'users.id',
      'users.username',
      'users.email',
      'referral_codes.code',
      'referrals.status',
      'users.created_at',
      sql<number>`coalesce(referral_tree.direct, 0)::int8`.as('direct'),
      sql<number>`coalesce(referral_tree.total, 0)::int8`.as('total'),
    ])
    .$narrowType<{ status: StatusName | null }>()

/** Somebody as a node of the tree, with what is counted of it. */
export const findNode = (db: Db, id: string) =>
  people(db).where('users.id', '=', id).executeTakeFirst()

/** Who referred somebody and was referred by nobody, the newest first. */
export async function listRoots(db: Db, query: PageQuery) {
  const roots = db.selectFrom('referral_tree').select('user_id as id').where('is_root', '=', true)
  const page = await longPageOf(db, roots, 'user_id', query)
  const ids = page.items.map(({ id }) => id)
  const items = ids.length > 0 ? await people(db).where('users.id', 'in', ids).execute() : []
  return { ...page, items: items.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)) }
}

/** Who came by somebody, the newest first; `total` says how many they are, where that is known. */
export function listChildren(db: Db, id: string, page: PageQuery, total: number | undefined) {
  const children = people(db).where('referrals.referrer_id', '=', id)
  return pageOf(children, 'referrals.user_id', page, async () => total ?? countChildren(db, id))
}

async function countChildren(db: Db, id: string): Promise<number> {
  const { total } = await db
    .selectFrom('referrals')
    .where('referrer_id', '=', id)
    .select((referral) => referral.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return total
}
