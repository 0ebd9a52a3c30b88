import type { Context } from '../../context.ts'
import type { PageQuery } from '../../db/page.ts'
import type { Principal } from '../../http/auth.ts'
import { InvalidFields } from '../../http/validation.ts'
import { parseTimestamp } from '../../lib/dates.ts'
import { parseId } from '../../lib/ids.ts'
import * as queries from './queries.ts'

interface Query extends PageQuery, Pick<queries.Filters, 'status' | 'code' | 'q'> {
  referrer_id?: string
  created_from?: string
  created_to?: string
}

/** A page of everybody's referrals; a `referrer_id` that is no id is refused, one of nobody finds none. */
export async function list(ctx: Context, principal: Principal, query: Query) {
  return queries.listAllReferrals(ctx.db, readFilters(principal, query), query)
}

/** The filters of a list or an export; throws for a `referrer_id` that is no id. */
export function readFilters(principal: Principal, query: Omit<Query, keyof PageQuery>) {
  const { created_from, created_to, referrer_id, status, code, q } = query
  return {
    ...(status && { status }),
    ...(code && { code }),
    ...(q && { q }),
    ...(referrer_id && { referrer_id: readId(principal, referrer_id) }),
    ...(created_from && { from: parseTimestamp(created_from)! }),
    ...(created_to && { to: parseTimestamp(created_to)! }),
  }
}

function readId(principal: Principal, text: string): string {
  const id = text === 'me' ? principal.id : parseId(text)
  if (!id) throw new InvalidFields([{ pointer: '/query/referrer_id', code: 'format_wrong' }])
  return id
}
