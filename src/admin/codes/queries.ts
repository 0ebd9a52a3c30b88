import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { longPageOf, type PageQuery } from '../../db/page.ts'
import { foldCode } from '../../lib/code-text.ts'
import { parseId } from '../../lib/ids.ts'
import { anywhere, peopleNamed } from '../people-queries.ts'
import type { CodeState } from './schemas.ts'

const now = sql<Date>`clock_timestamp()`
const soon = sql<Date>`clock_timestamp() + interval '7 days'`

// A code that had expired when the next one took its place was over at its expiry.
const state = sql<CodeState>`case
  when retired_at < expires_at then 'retired'
  when expires_at <= ${now} then 'expired'
  when expires_at < ${soon} then 'expiring'
  else 'active' end`

const columns = [
  'referral_codes.id',
  'user_id',
  'code',
  'expires_at',
  'referral_codes.created_at',
  'retired_at',
  state.as('state'),
  sql<number>`(select coalesce(sum(registrations), 0)::int8 from code_totals
    where code_id = referral_codes.id)`.as('uses'),
  'users.email as owner_email',
  'users.username as owner_username',
] as const

/** Codes of everybody, the newest first, each with whose it is. */
export async function listAllCodes(
  db: Db,
  filters: { state?: CodeState; q?: string },
  query: PageQuery,
) {
  const page = await longPageOf(db, allCodes(db, filters), 'referral_codes.id', query)
  const items = page.items.map(({ owner_email, owner_username, ...code }) => ({
    ...code,
    is_active: code.state === 'active' || code.state === 'expiring',
    owner: { id: code.user_id, email: owner_email, username: owner_username },
  }))
  return { ...page, items }
}

/** The codes that these filters find, in no order. */
export function allCodes(db: Db, { state, q }: { state?: CodeState; q?: string }) {
  return db
    .selectFrom('referral_codes')
    .innerJoin('users', 'users.id', 'referral_codes.user_id')
    .$if(state !== undefined, (codes) => codes.where(STATES[state!]))
    .$if(q !== undefined, (codes) => codes.where(matches(q!)))
    .select(columns)
}

const active = sql<boolean>`(retired_at is null and expires_at > ${now})`
const STATES = {
  active,
  expiring: sql<boolean>`(${active} and expires_at < ${soon})`,
  expired: sql<boolean>`(expires_at <= ${now} and (retired_at is null or retired_at >= expires_at))`,
  retired: sql<boolean>`(retired_at < expires_at)`,
}

function matches(q: string) {
  const ownerId = parseId(q)
  if (ownerId) return sql<boolean>`(user_id = ${ownerId})`
  return sql<boolean>`(code_key like ${anywhere(foldCode(q.trim()))} or user_id in ${peopleNamed(q)})`
}
