import { type Context, forget, inTransaction } from '../context.ts'
import { databaseNow } from '../db/connect.ts'
import { refusing } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import type { Principal } from '../http/auth.ts'
import { foldCode, generateCode, isReservedCode, parseCode } from '../lib/code-text.ts'
import { DAY, parseTimestamp } from '../lib/dates.ts'
import { newId } from '../lib/ids.ts'
import { checkKey, lookUpKey } from './cache-keys.ts'
import * as queries from './queries.ts'

interface Wanted {
  expires_at: string
  code?: string
}

const GENERATED_TRIES = 5

/** Creates the one active code of a user; an expired one makes room for it. Throws `active_code_exists`. */
export function create(ctx: Context, userId: string, wanted: Wanted) {
  return inTransaction(ctx, async (ctx) => {
    const owner = await holdOwner(ctx, userId)
    if (await queries.findActiveCode(ctx.db, userId)) throw new AppError('active_code_exists')
    return succeed(ctx, owner, wanted)
  })
}

/** Retires the active code, if any, and creates the next in one step: there is never a moment of two or none. */
export function replace(ctx: Context, userId: string, wanted: Wanted) {
  return inTransaction(ctx, async (ctx) => succeed(ctx, await holdOwner(ctx, userId), wanted))
}

/** Moves the expiry of the active code; an expired code is over and does not come back. */
export function extend(ctx: Context, userId: string, input: { expires_at: string }) {
  return inTransaction(ctx, async (ctx) => {
    const owner = await holdOwner(ctx, userId)
    const code = await queries.lockUnretired(ctx.db, { userId })
    if (!code) throw new AppError('code_not_found')
    const expiresAt = await readExpiry(ctx, input.expires_at)
    const extended = await queries.updateExpiry(ctx.db, code.id, expiresAt)
    if (!extended) throw new AppError('code_not_found')
    await forget(ctx, [checkKey(code.code_key), lookUpKey(ctx, owner.email_key)])
    return withUrl(ctx, extended)
  })
}

/** Retires the user's active code: no registration is attributed to it from here on. */
export function retireActive(ctx: Context, userId: string): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    const owner = await holdOwner(ctx, userId)
    if (!(await queries.findActiveCode(ctx.db, userId))) throw new AppError('code_not_found')
    await retireUnretired(ctx, owner)
  })
}

/** Retires a code by its text; a stranger's code answers as a missing one, but for administrators. */
export function retire(ctx: Context, principal: Principal, text: string): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    const codeKey = foldCode(parseCode(text) ?? '')
    const found = await queries.findOwner(ctx.db, codeKey)
    const allowed = found?.user_id === principal.id || principal.role === 'admin'
    if (!found || !allowed) throw new AppError('code_not_found')
    const owner = await queries.lockOwner(ctx.db, found.user_id)
    const code = await queries.lockUnretired(ctx.db, { codeKey })
    if (!code) throw new AppError('code_not_found')
    await queries.retireLocked(ctx.db, code.id)
    await forget(ctx, [checkKey(codeKey), lookUpKey(ctx, owner?.email_key)])
  })
}

/**
 * Holds a code for a registration, so that it is not retired or moved before the referral is there.
 * Whether it has expired is decided by the stamp of the referral itself, after the wait for the lock.
 */
export async function holdForReferral(ctx: Context, text: string) {
  const code = await queries.holdCode(ctx.db, foldCode(parseCode(text) ?? ''))
  if (!code) throw new AppError('referral_code_unknown', { pointer: '/referral_code' })
  if (code.retired_at) throw refusalOf(code)
  return code
}

/** Throws what registering with this code would be refused for, before any costly work is done. */
export async function refuseUnusable(ctx: Context, text: string): Promise<void> {
  const code = await queries.findCheck(ctx.db, foldCode(parseCode(text) ?? ''))
  if (!code) throw new AppError('referral_code_unknown', { pointer: '/referral_code' })
  if (code.retired_at || code.expires_at.getTime() <= ctx.clock.now()) throw refusalOf(code)
}

/** Why a code that exists is not taken: it is told to have expired if it was retired for that. */
export function refusalOf(code: { retired_at: Date | null; expires_at: Date }): AppError {
  const retired = code.retired_at !== null && code.retired_at < code.expires_at
  const why = retired ? 'referral_code_retired' : 'referral_code_expired'
  return new AppError(why, { pointer: '/referral_code' })
}

/** Makes every instance forget what it shows of the user's code, in the transaction that changes it. */
export async function forgetCode(ctx: Context, userId: string): Promise<void> {
  const code = await queries.findActiveCode(ctx.db, userId)
  if (code) await forget(ctx, [checkKey(foldCode(code.code))])
}

/** A code with its share link, as it is answered. */
export const withUrl = <C extends { code: string }>(ctx: Context, code: C) => ({
  ...code,
  url: `${ctx.config.PUBLIC_URL}/r/${code.code}`,
})

async function holdOwner(ctx: Context, userId: string) {
  const owner = await queries.lockOwner(ctx.db, userId)
  if (!owner) throw new AppError('invalid_token')
  return owner
}

type Owner = Awaited<ReturnType<typeof holdOwner>>

async function succeed(ctx: Context, owner: Owner, wanted: Wanted) {
  const expiresAt = await readExpiry(ctx, wanted.expires_at)
  const text = wanted.code === undefined ? undefined : readWanted(wanted.code)
  await retireUnretired(ctx, owner)
  const code = await insert(ctx, owner, expiresAt, text)
  await forget(ctx, [checkKey(foldCode(code.code)), lookUpKey(ctx, owner.email_key)])
  return withUrl(ctx, code)
}

async function retireUnretired(ctx: Context, owner: Owner): Promise<void> {
  const code = await queries.lockUnretired(ctx.db, { userId: owner.id })
  if (!code) return
  await queries.retireLocked(ctx.db, code.id)
  await forget(ctx, [checkKey(code.code_key), lookUpKey(ctx, owner.email_key)])
}

async function readExpiry(ctx: Context, text: string): Promise<Date> {
  const pointer = '/expires_at'
  const expiresAt = parseTimestamp(text)
  if (!expiresAt) throw new AppError('validation_failed', { pointer })
  const now = (await databaseNow(ctx.db)).getTime()
  if (expiresAt.getTime() <= now) throw new AppError('expires_at_in_past', { pointer })
  const days = ctx.config.CODE_MAX_DAYS
  if (expiresAt.getTime() > now + days * DAY) {
    throw new AppError('expires_at_too_far', { pointer, params: { days } })
  }
  return expiresAt
}

function readWanted(text: string): string {
  const code = parseCode(text)
  if (!code) throw new AppError('validation_failed', { pointer: '/code' })
  if (isReservedCode(code)) throw new AppError('code_reserved', { pointer: '/code' })
  return code
}

const expiryInPast = () => new AppError('expires_at_in_past', { pointer: '/expires_at' })

async function insert(ctx: Context, owner: Owner, expiresAt: Date, wanted?: string) {
  for (let tries = 1; tries <= GENERATED_TRIES; tries++) {
    const code = wanted ?? generateCode()
    const values = { id: newId(), user_id: owner.id, code, code_key: foldCode(code) }
    const inserted = await refusing({ referral_codes_expiry_in_future: expiryInPast }, () =>
      queries.insertCode(ctx.db, { ...values, expires_at: expiresAt }),
    )
    if (inserted) return inserted
    if (wanted) throw new AppError('code_taken', { pointer: '/code' })
  }
  throw new Error('No free code was found.')
}
