import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuseUnusable } from '../codes/service.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Principal } from '../http/auth.ts'
import { foldCode } from '../lib/code-text.ts'
import { SECOND } from '../lib/dates.ts'
import { parseId } from '../lib/ids.ts'
import * as queries from './queries.ts'
import { newVisitor, readVisitor, type Touch, visitorKey, writeVisitor } from './visitor.ts'

/** What the cookie of somebody who registers proves. */
export interface Evidence {
  visitor: string
  touches: Touch[]
}

/** Reads the cookie of a registration; undefined for clients without one. */
export function evidenceOf(ctx: Context, request: FastifyRequest): Evidence | undefined {
  const visitor = readVisitor(ctx, request)
  return visitor && { visitor: visitorKey(ctx, visitor), touches: visitor.touches }
}

/**
 * Does the work with the first link that was opened and whose code still works, without a code when there is
 * none. One that ceases to work meanwhile gives way to the next: a cookie never fails a registration.
 */
export async function byFirstTouch<T>(
  ctx: Context,
  evidence: Evidence | undefined,
  work: (code: string | undefined) => Promise<T>,
): Promise<T> {
  for (const { code } of evidence?.touches ?? []) {
    try {
      await refuseUnusable(ctx, code)
      return await work(code)
    } catch (error) {
      if (!isUnusable(error)) throw error
    }
  }
  return work(undefined)
}

/** Keeps with a new referral, in its transaction, which links led to it and by which rule one of them won. */
export async function keepTouches(
  ctx: Context,
  userId: string,
  { touches }: Evidence,
  won: { code: string; rule: 'explicit_code' | 'first_touch' },
): Promise<void> {
  if (touches.length === 0) return
  const wonKey = foldCode(won.code.trim())
  const opened = touches.map(({ code, at }) => ({
    code_key: foldCode(code),
    at: new Date(at * SECOND),
  }))
  const typed = { code_key: wonKey, at: new Date(ctx.clock.now()) }
  const all = opened.some(({ code_key }) => code_key === wonKey) ? opened : [...opened, typed]
  const kept = all.map((touch) => ({ ...touch, rule: touch.code_key === wonKey ? won.rule : null }))
  await queries.insertTouches(ctx.db, userId, kept)
}

/** Whether a user has signed in with the browser that the evidence is of. */
export const isBrowserOf = (ctx: Context, { visitor }: Evidence, userId: string) =>
  queries.isLinked(ctx.db, userId, visitor)

/**
 * Links the browser to the user who has just signed in with it; one that has no cookie yet is given one.
 * Other clients are left alone, and a failure here fails no sign-in.
 */
export async function linkBrowser(
  ctx: Context,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  userId: string,
): Promise<void> {
  const known = readVisitor(ctx, request)
  // Browsers name the origin of every POST, other clients have no reason to.
  if (!known && request.headers.origin === undefined) return
  const visitor = known ?? newVisitor()
  try {
    await queries.linkVisitor(ctx.db, userId, visitorKey(ctx, visitor))
    if (!known) writeVisitor(ctx, reply, visitor)
  } catch (err) {
    ctx.log.warn({ err }, 'browser not linked')
  }
}

/**
 * Why a referrer is credited with somebody: the links that were opened, in order, which won, by which rule,
 * and what became of it. For the referrer and administrators; for all others as if there were none. Codes of
 * other referrers are named to administrators alone.
 */
export async function explain(ctx: Context, principal: Principal, id: string) {
  const userId = parseId(id)
  const referral = userId && (await queries.findReferral(ctx.db, userId))
  const mayRead = referral && (referral.referrer_id === principal.id || principal.role === 'admin')
  if (!mayRead) throw new AppError('referral_not_found')
  const { referrer_id, ...told } = referral
  const kept = await queries.listTouches(ctx.db, referral.user_id)
  const typed = {
    code: told.code,
    owner_id: referrer_id,
    at: told.created_at,
    rule: 'explicit_code' as const,
  }
  const touches = kept.length > 0 ? kept : [typed]
  return {
    ...told,
    rule: touches.find(({ rule }) => rule !== null)?.rule ?? typed.rule,
    touches: touches.map(({ code, owner_id, at, rule }) => ({
      code: owner_id === referrer_id || principal.role === 'admin' ? code : null,
      at,
      won: rule !== null,
    })),
  }
}

/** Deletes which browsers somebody used and which links lost, in the transaction that erases them. */
export const eraseVisits = (ctx: Context, userId: string): Promise<void> =>
  queries.eraseVisits(ctx.db, userId)

/** What is held of a user's visits: the links opened before registering, and browsers that signed in. */
export async function exportVisits(ctx: Context, userId: string) {
  const touches = await queries.listTouches(ctx.db, userId)
  return {
    opened: touches.map(({ code, at, rule }) => ({ code, at, won: rule !== null })),
    browsers: await queries.listBrowsers(ctx.db, userId),
  }
}

export const deleteOldClicks = queries.deleteOldClicks

const isUnusable = (error: unknown) =>
  error instanceof AppError && error.code.startsWith('referral_code_')
