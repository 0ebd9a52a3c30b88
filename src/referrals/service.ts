import { holdForReferral, refusalOf } from '../codes/service.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { refusing } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import type { Principal } from '../http/auth.ts'
import { InvalidFields } from '../http/validation.ts'
import { DAY, parseTimestamp } from '../lib/dates.ts'
import { maskEmail } from '../lib/email.ts'
import { parseId } from '../lib/ids.ts'
import type { PageQuery } from '../db/page.ts'
import * as queries from './queries.ts'

const SUMMARY_DAYS = 30
const SUMMARY_DAYS_MAX = 800

/**
 * Credits the owner of `code` with the new user, in the transaction that registers them. A user is
 * attributed once, ever, and never at or after the code's expiry or retirement: the code is held first, and
 * the referral is stamped by the statement after.
 */
export async function attribute(
  ctx: Context,
  user: { id: string; seq: number },
  code: string,
): Promise<void> {
  const held = await holdForReferral(ctx, code)
  await refusing({ referrals_before_expiry: () => refusalOf({ ...held, retired_at: null }) }, () =>
    queries.insertReferral(ctx.db, {
      user_id: user.id,
      user_seq: user.seq,
      referrer_id: held.user_id,
      referrer_seq: held.user_seq,
      code_id: held.id,
      code_expires_at: held.expires_at,
    }),
  )
  const { user_id, id: subject_id } = held
  await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'referral_joined', user_id, subject_id })
}

/** Confirms the referral of a user whose address is confirmed, if there is one, exactly once. */
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

interface ListQuery extends PageQuery {
  status?: 'pending' | 'confirmed'
  q?: string
  created_from?: string
  created_to?: string
}

/** A page of referrals; addresses are masked for all but administrators where REFERRAL_EMAILS says so. */
export async function list(
  ctx: Context,
  principal: Principal,
  referrerId: string,
  { page, size, cursor, created_from, created_to, ...rest }: ListQuery,
) {
  const filters = {
    ...rest,
    ...(created_from && { created_from: parseTimestamp(created_from)! }),
    ...(created_to && { created_to: parseTimestamp(created_to)! }),
  }
  const query = { page, size, ...(cursor && { cursor }) }
  const found = await queries.listReferrals(ctx.db, referrerId, filters, query)
  if (ctx.config.REFERRAL_EMAILS === 'full' || principal.role === 'admin') return found
  return {
    ...found,
    items: found.items.map((item) => ({ ...item, email: item.email && maskEmail(item.email) })),
  }
}

/** The figures of a referrer between two days, with their sums. */
export async function summarize(
  ctx: Context,
  referrerId: string,
  query: { from?: string; to?: string; interval: 'day' | 'week' | 'month' },
) {
  const range = { ...readRange(ctx, query), interval: query.interval }
  const series = await queries.listFigures(ctx.db, referrerId, range)
  const sum = (name: 'registrations' | 'confirmed') =>
    series.reduce((total, figures) => total + figures[name], 0)
  return { ...range, registrations: sum('registrations'), confirmed: sum('confirmed'), series }
}

function readRange(ctx: Context, query: { from?: string; to?: string }): { from: Date; to: Date } {
  const to = query.to ? parseTimestamp(query.to)! : new Date(ctx.clock.now())
  const from = query.from ? parseTimestamp(query.from)! : daysBefore(to, SUMMARY_DAYS - 1)
  const earliest = startOfDay(daysBefore(to, SUMMARY_DAYS_MAX - 1))
  if (from > to) throw fromIs('too_large', to)
  if (from < earliest) throw fromIs('too_small', earliest)
  return { from, to }
}

const daysBefore = (date: Date, days: number) => new Date(date.getTime() - days * DAY)
const startOfDay = (date: Date) => new Date(Math.floor(date.getTime() / DAY) * DAY)

const fromIs = (code: 'too_large' | 'too_small', limit: Date) =>
  new InvalidFields([{ pointer: '/query/from', code, params: { limit: limit.toISOString() } }])
