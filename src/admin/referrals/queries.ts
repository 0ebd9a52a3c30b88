import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { longPageOf, madeWithin, type PageQuery } from '../../db/page.ts'
import { foldCode } from '../../lib/code-text.ts'
import { parseId } from '../../lib/ids.ts'
import type { ReasonName, StatusName } from '../../referrals/schemas.ts'
import { peopleNamed } from '../people-queries.ts'

export interface Filters {
  status?: StatusName
  code?: string
  referrer_id?: string
  q?: string
  from?: Date
  to?: Date
}

const columns = [
  'referrals.user_id as id',
  'referral_codes.code',
  'referrals.status',
  'referrals.reason',
  'referrals.attributed_at as created_at',
  'referrals.confirmed_at',
  'referrals.referrer_id',
  'referred.email',
  'referred.username',
  'referrer.email as referrer_email',
  'referrer.username as referrer_username',
] as const

/** Referrals of everybody, the newest first, each with both people. */
export async function listAllReferrals(db: Db, filters: Filters, query: PageQuery) {
  const page = await longPageOf(db, allReferrals(db, filters), 'referrals.user_id', query)
  const items = page.items.map(
    ({ email, username, referrer_id, referrer_email, referrer_username, ...referral }) => ({
      ...referral,
      referred: { id: referral.id, email, username },
      referrer: { id: referrer_id, email: referrer_email, username: referrer_username },
    }),
  )
  return { ...page, items }
}

/** The referrals that these filters find, in no order. */
export function allReferrals(db: Db, filters: Filters) {
  return filtered(db, filters)
    .select(columns)
    .$narrowType<{ status: StatusName; reason: ReasonName | null }>()
}

function filtered(db: Db, { status, code, referrer_id, q, from, to }: Filters) {
  return db
    .selectFrom('referrals')
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .innerJoin('users as referred', 'referred.id', 'referrals.user_id')
    .innerJoin('users as referrer', 'referrer.id', 'referrals.referrer_id')
    .where(madeWithin({ id: 'referrals.user_id', at: 'referrals.attributed_at' }, { from, to }))
    .$if(status !== undefined, (rows) => rows.where('referrals.status', '=', status!))
    .$if(code !== undefined, (rows) => rows.where('code_key', '=', foldCode(code!.trim())))
    .$if(referrer_id !== undefined, (rows) => rows.where('referrer_id', '=', referrer_id!))
    .$if(q !== undefined, (rows) => rows.where(matches(q!)))
}

function matches(q: string) {
  const id = parseId(q.trim())
  if (id) return sql<boolean>`(${id} in (referrals.user_id, referrals.referrer_id))`
  const named = peopleNamed(q)
  return sql<boolean>`(referrals.user_id in ${named} or referrals.referrer_id in ${named})`
}
