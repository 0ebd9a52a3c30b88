import { holdForReferral, refusalOf } from '../codes/service.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { inBatches } from '../db/batches.ts'
import { refusing } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import type { Principal } from '../http/auth.ts'
import { parseTimestamp } from '../lib/dates.ts'
import { maskEmail } from '../lib/email.ts'
import { parseId } from '../lib/ids.ts'
import type { PageQuery } from '../db/page.ts'
import { judge, type Newcomer } from './judgement.ts'
import * as queries from './queries.ts'
import type { ReasonName, StatusName } from './schemas.ts'

/**
 * Records that the newcomer came by `code`, in the transaction that registers them. A user is attributed
 * once, ever, and never at or after the code's expiry or retirement: the code is held first, and the
 * referral is stamped by a statement after. Of one that is refused or for review the referrer is not told.
 */
export async function attribute(ctx: Context, newcomer: Newcomer, code: string): Promise<void> {
  const held = await holdForReferral(ctx, code)
  const judgement = await judge(ctx, newcomer, held)
  const late = {
    referrals_before_expiry: () => refusalOf({ ...held, retired_at: null }),
    referrals_of_unblocked: () =>
      new AppError('referral_code_retired', { pointer: '/referral_code' }),
  }
  await refusing(late, () =>
    queries.insertReferral(ctx.db, {
      user_id: newcomer.id,
      user_seq: newcomer.seq,
      referrer_id: held.user_id,
      referrer_seq: held.user_seq,
      code_id: held.id,
      code_expires_at: held.expires_at,
      ...judgement,
    }),
  )
  if (judgement.status === 'pending') await announce(ctx, held.user_id, held.id)
}

/** Tells a referrer that somebody came by their code. */
export function announce(ctx: Context, referrerId: string, codeId: string): Promise<void> {
  const job = { mail: 'referral_joined' as const, user_id: referrerId, subject_id: codeId }
  return ctx.jobs.enqueue(ctx.db, 'mail', job)
}

/**
 * Confirms the referral of a user whose address is confirmed, if there is a pending one, exactly once.
 * What is in review stays there: an administrator decides.
 */
export async function confirm(ctx: Context, userId: string): Promise<void> {
  await queries.confirmReferral(ctx.db, userId)
}

/**
 * Whose referrals are asked for, if this principal may see them: the referrer, administrators, and every
 * user where `visibility` says so. For all others it is as if there were no such user.
 */
export async function visibleReferrer(
  ctx: Context,
  principal: Principal,
  userId: string,
  visibility: Config['REFERRALS_VISIBILITY'],
): Promise<string> {
  const id = userId === 'me' ? principal.id : parseId(userId)
  if (id === principal.id) return id
  const open = visibility === 'authenticated' || principal.role === 'admin'
  if (!id || !open || !(await queries.userExists(ctx.db, id))) throw new AppError('user_not_found')
  return id
}

interface Filters {
  status?: StatusName
  q?: string
  created_from?: string
  created_to?: string
}
type ListQuery = PageQuery & Filters

/** A page of referrals; addresses are masked for all but administrators where REFERRAL_EMAILS says so. */
export async function list(
  ctx: Context,
  principal: Principal,
  referrerId: string,
  { page, size, cursor, ...filters }: ListQuery,
) {
  const query = { page, size, ...(cursor && { cursor }) }
  const found = await queries.listReferrals(
    ctx.db,
    referrerId,
    readFilters(ctx, principal, filters),
    query,
  )
  return { ...found, items: found.items.map((item) => shown(ctx, principal, referrerId, item)) }
}

/** Every referral that these filters find, some at a time, each as the list shows it. */
export async function* readAll(
  ctx: Context,
  principal: Principal,
  referrerId: string,
  filters: Filters,
) {
  const found = queries.shownReferrals(ctx.db, referrerId, readFilters(ctx, principal, filters))
  for await (const rows of inBatches(found, ['referrals.user_id', 'users.id'])) {
    yield rows.map((row) => shown(ctx, principal, referrerId, row))
  }
}

const isMasking = ({ config }: Context, { role }: Principal) =>
  config.REFERRAL_EMAILS === 'masked' && role !== 'admin'

const readFilters = (
  ctx: Context,
  principal: Principal,
  { q, created_from, created_to, ...rest }: Filters,
) => ({
  ...rest,
  // An address that is masked could be found out letter by letter.
  ...(q !== undefined && { q, byEmail: !isMasking(ctx, principal) }),
  ...(created_from && { created_from: parseTimestamp(created_from)! }),
  ...(created_to && { created_to: parseTimestamp(created_to)! }),
})

function shown<Item extends { email: string | null; reason: ReasonName | null }>(
  ctx: Context,
  principal: Principal,
  referrerId: string,
  item: Item,
): Item {
  if (principal.role === 'admin') return item
  return {
    ...item,
    ...(item.email && isMasking(ctx, principal) && { email: maskEmail(item.email) }),
    ...(principal.id !== referrerId && { reason: null }),
  }
}
