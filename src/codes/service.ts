import { record } from '../audit/service.ts'
import { type Context, forget, inTransaction } from '../context.ts'
import { refusing } from '../db/failures.ts'
import type { PageQuery } from '../db/page.ts'
import { AppError } from '../errors.ts'
import type { Actor, Principal } from '../http/auth.ts'
import { foldCode, generateCode, isReservedCode, parseCode } from '../lib/code-text.ts'
import { DAY, parseTimestamp } from '../lib/dates.ts'
import { newId } from '../lib/ids.ts'
import { checkKey, lookUpKey } from './cache-keys.ts'
import * as queries from './queries.ts'

interface Wanted {
  expires_at: string
  code?: string
}

interface Choice {
  expiresAt: Date
  code?: string
}

type Owner = NonNullable<Awaited<ReturnType<typeof queries.lockOwner>>>
type Last = NonNullable<Awaited<ReturnType<typeof queries.lockUnretired>>>

const GENERATED_TRIES = 5
const expiryInPast = () => new AppError('expires_at_in_past', { pointer: '/expires_at' })
const PASSED = { referral_codes_expiry_in_future: expiryInPast }

/** Creates the one active code of a user; an expired one makes room for it. Throws `active_code_exists`. */
export async function create(ctx: Context, userId: string, input: Wanted) {
  const wanted = readWanted(ctx, input)
  return inTransaction(ctx, async (ctx) => {
    const first = await insertFirst(ctx, userId, wanted)
    if (first) return first
    const owner = await holdOwner(ctx, userId)
    const last = await queries.lockUnretired(ctx.db, userId)
    if (last?.is_active) throw new AppError('active_code_exists')
    return succeed(ctx, owner, last, wanted)
  })
}

/** Retires the active code, if any, and creates the next in one step: there is never a moment of two or none. */
export async function replace(ctx: Context, userId: string, input: Wanted) {
  const wanted = readWanted(ctx, input)
  return inTransaction(ctx, async (ctx) => {
    const owner = await holdOwner(ctx, userId)
    return succeed(ctx, owner, await queries.lockUnretired(ctx.db, userId), wanted)
  })
}

/** Moves the expiry of the active code; an expired code is over and does not come back. */
export function extend(ctx: Context, userId: string, input: { expires_at: string }) {
  const expiresAt = readExpiry(ctx, input.expires_at)
  return inTransaction(ctx, async (ctx) => {
    const { extended } = await moveHeld(ctx, await holdOwner(ctx, userId), { expiresAt })
    return withUrl(ctx, extended)
  })
}

/** Moves the expiry of anybody's active code for an administrator, and writes it down. */
export function extendAny(ctx: Context, by: Actor, text: string, input: { expires_at: string }) {
  const expiresAt = readExpiry(ctx, input.expires_at)
  return inTransaction(ctx, async (ctx) => {
    const { owner, codeKey } = await holdOwnerOf(ctx, text, () => true)
    const { extended, from } = await moveHeld(ctx, owner, { expiresAt, codeKey })
    await record(ctx, by, {
      action: 'code.extended',
      user_id: owner.id,
      target_id: extended.id,
      details: { from: from.toISOString(), to: extended.expires_at.toISOString() },
    })
    return withUrl(ctx, extended)
  })
}

/** Retires the user's active code: no registration is attributed to it from here on. */
export function retireActive(ctx: Context, userId: string): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    await retireHeld(ctx, await holdOwner(ctx, userId))
  })
}

/**
 * Retires an active code by its text; a stranger's answers as a missing one. Administrators retire any, and
 * what they retire is written down.
 */
export function retire(
  ctx: Context,
  by: { principal: Principal; actor: Actor },
  text: string,
): Promise<void> {
  const { id, role } = by.principal
  const isAdmin = role === 'admin'
  return inTransaction(ctx, async (ctx) => {
    const { owner, codeKey } = await holdOwnerOf(ctx, text, (owner) => isAdmin || owner === id)
    const code = await retireHeld(ctx, owner, codeKey)
    if (!isAdmin) return
    const event = {
      user_id: owner.id,
      target_id: code.id,
      details: { expires_at: code.expires_at.toISOString() },
    }
    await record(ctx, by.actor, { action: 'code.retired', ...event })
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

/** Why a code that exists is not taken: if it was retired when it had expired, that it expired. */
export function refusalOf(code: { retired_at: Date | null; expires_at: Date }): AppError {
  const retired = code.retired_at !== null && code.retired_at < code.expires_at
  const why = retired ? 'referral_code_retired' : 'referral_code_expired'
  return new AppError(why, { pointer: '/referral_code' })
}

/**
 * Writes to the owners of codes that end within three days, and of those that ended, each once. A code that somebody
 * holds has its turn at the next run.
 */
export async function remindOwners(ctx: Context): Promise<void> {
  await remind(ctx, 'code_expires', queries.takeEnding)
  await remind(ctx, 'code_expired', queries.takeOver)
}

// Some at a time: whoever registers with one of them, or changes it, waits for the end of the transaction.
const AT_ONCE = 100

async function remind(
  ctx: Context,
  mail: 'code_expires' | 'code_expired',
  take: typeof queries.takeOver,
): Promise<void> {
  const told = await inTransaction(ctx, async (ctx) => {
    const codes = await take(ctx.db, AT_ONCE)
    for (const { id, user_id } of codes) {
      await ctx.jobs.enqueue(ctx.db, 'mail', { mail, user_id, subject_id: id })
    }
    return codes.length
  })
  if (told === AT_ONCE) await remind(ctx, mail, take)
}

/**
 * Ends what somebody about to be erased invites by, in the caller's transaction and while the address is
 * still there: every instance forgets what it shows of the name and the address. Throws `invalid_token`.
 */
export async function retireForErasure(ctx: Context, userId: string): Promise<void> {
  const owner = await holdOwner(ctx, userId)
  const code = await queries.lockUnretired(ctx.db, userId)
  if (code) await queries.retireLocked(ctx.db, code.id)
  // Retired codes still tell who invited by them.
  const keys = await queries.listKeys(ctx.db, userId)
  await forget(ctx, [...keys.map(checkKey), lookUpKey(ctx, owner.email_key)])
}

/** A page of a user's codes, newest first. */
export async function list(ctx: Context, userId: string, query: PageQuery) {
  const page = await queries.listCodes(ctx.db, userId, query)
  return { ...page, items: page.items.map((code) => withUrl(ctx, code)) }
}

/**
 * Holds the user's code against registrations in the caller's transaction, which holds the user already, and
 * makes every instance forget it: what is stamped next comes after every registration by the code.
 */
export async function holdCodeFor(ctx: Context, userId: string): Promise<void> {
  await queries.lockUnretired(ctx.db, userId)
  await forgetCode(ctx, userId)
}

/** Makes every instance forget what it shows of the user's code, in the transaction that changes it. */
export async function forgetCode(ctx: Context, userId: string): Promise<void> {
  const keys = await queries.findKeys(ctx.db, userId)
  if (keys) await forget(ctx, [checkKey(keys.code_key), lookUpKey(ctx, keys.email_key)])
}

export const withUrl = <C extends { code: string }>(ctx: Context, code: C) => ({
  ...code,
  url: `${ctx.config.PUBLIC_URL}/r/${code.code}`,
})

// What the database's clock says decides; the look beforehand is only quicker.
function readWanted(ctx: Context, { expires_at, code: text }: Wanted): Choice {
  const expiresAt = readExpiry(ctx, expires_at)
  if (text === undefined) return { expiresAt }
  const code = parseCode(text)
  if (!code) throw new AppError('validation_failed', { pointer: '/code' })
  if (isReservedCode(code)) throw new AppError('code_reserved', { pointer: '/code' })
  return { expiresAt, code }
}

function readExpiry(ctx: Context, text: string): Date {
  const expiresAt = parseTimestamp(text)
  if (!expiresAt) throw new AppError('validation_failed', { pointer: '/expires_at' })
  const now = ctx.clock.now()
  if (expiresAt.getTime() <= now) throw expiryInPast()
  const days = ctx.config.CODE_MAX_DAYS
  if (expiresAt.getTime() > now + days * DAY) {
    throw new AppError('expires_at_too_far', { pointer: '/expires_at', params: { days } })
  }
  return expiresAt
}

async function holdOwner(ctx: Context, userId: string): Promise<Owner> {
  const owner = await queries.lockOwner(ctx.db, userId)
  if (!owner) throw new AppError('invalid_token')
  return owner
}

/** The owner of a code by its text, held; whom `mayChange` does not allow is told that there is none. */
async function holdOwnerOf(ctx: Context, text: string, mayChange: (ownerId: string) => boolean) {
  const codeKey = foldCode(parseCode(text) ?? '')
  const ownerId = await queries.findOwnerId(ctx.db, codeKey)
  const owner = ownerId && mayChange(ownerId) && (await queries.lockOwner(ctx.db, ownerId))
  if (!owner) throw new AppError('code_not_found')
  return { owner, codeKey }
}

async function succeed(ctx: Context, owner: Owner, last: Last | undefined, wanted: Choice) {
  if (last) await queries.retireLocked(ctx.db, last.id)
  const code = await insert(ctx, owner, wanted)
  const changed = [foldCode(code.code), ...(last ? [last.code_key] : [])].map(checkKey)
  await forget(ctx, [...changed, lookUpKey(ctx, owner.email_key)])
  return withUrl(ctx, code)
}

/** Undefined where something is in the way, which is then looked at step by step. */
async function insertFirst(ctx: Context, userId: string, wanted: Choice) {
  const row = await refusing(PASSED, () => queries.insertFirst(ctx.db, rowOf(userId, wanted)))
  if (!row) return undefined
  const { owner_email_key, ...code } = row
  await forget(ctx, [checkKey(foldCode(code.code)), lookUpKey(ctx, owner_email_key)])
  return withUrl(ctx, code)
}

async function insert(ctx: Context, owner: Owner, wanted: Choice) {
  for (let tries = 1; tries <= GENERATED_TRIES; tries++) {
    const inserted = await refusing(PASSED, () =>
      queries.insertCode(ctx.db, rowOf(owner.id, wanted)),
    )
    if (inserted) return inserted
    if (wanted.code !== undefined) throw new AppError('code_taken', { pointer: '/code' })
  }
  throw new Error('No free code was found.')
}

function rowOf(userId: string, { expiresAt, code = generateCode() }: Choice) {
  return { id: newId(), user_id: userId, code, code_key: foldCode(code), expires_at: expiresAt }
}

/** The owner's active code, held; with a key, only if it is the one of this text. */
async function holdActive(ctx: Context, owner: Owner, codeKey?: string): Promise<Last> {
  const code = await queries.lockUnretired(ctx.db, owner.id)
  const found = code?.is_active && (codeKey === undefined || code.code_key === codeKey)
  if (!found) throw new AppError('code_not_found')
  return code
}

async function moveHeld(
  ctx: Context,
  owner: Owner,
  { expiresAt, codeKey }: { expiresAt: Date; codeKey?: string },
) {
  const code = await holdActive(ctx, owner, codeKey)
  const extended = await refusing(PASSED, () => queries.updateExpiry(ctx.db, code.id, expiresAt))
  if (!extended) throw new AppError('code_not_found')
  await forget(ctx, [checkKey(code.code_key), lookUpKey(ctx, owner.email_key)])
  return { extended, from: code.expires_at }
}

async function retireHeld(ctx: Context, owner: Owner, codeKey?: string): Promise<Last> {
  const code = await holdActive(ctx, owner, codeKey)
  await queries.retireLocked(ctx.db, code.id)
  await forget(ctx, [checkKey(code.code_key), lookUpKey(ctx, owner.email_key)])
  return code
}
