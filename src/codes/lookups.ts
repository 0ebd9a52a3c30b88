import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { foldCode, isReservedCode, parseCode } from '../lib/code-text.ts'
import { parseEmail } from '../lib/email.ts'
import { checkKey, lookUpKey } from './cache-keys.ts'
import * as queries from './queries.ts'
import { withUrl } from './service.ts'

interface CachedCheck {
  id: string
  code: string
  expires_at: string
  retired_at: string | null
  referrer_name: string | null
}

interface CachedCode {
  id: string
  code: string
  expires_at: string
  created_at: string
}

/** Whether a code works and who invites by it; throws `code_not_found` for a text that was never given. */
export async function check(ctx: Context, text: string) {
  const { code, expires_at, retired_at, referrer_name } = await findCached(ctx, text)
  const is_active = retired_at === null && isAhead(ctx, expires_at)
  return { code, is_active, expires_at, referrer_name }
}

/** Whether a text can still be chosen for a code, and if not, what choosing it would be answered. */
export async function findAvailability(ctx: Context, text: string) {
  const code = parseCode(text)
  const reason = code ? await refusalOf(ctx, code) : ('validation_failed' as const)
  return { code: code ?? text, is_available: reason === null, reason }
}

/** The code that a share link names, and whether it works; throws `code_not_found`. */
export async function findLink(ctx: Context, text: string) {
  const { id, code, expires_at, retired_at, referrer_name } = await findCached(ctx, text)
  const retired = retired_at !== null && retired_at < expires_at
  const over: 'retired' | 'expired' = retired ? 'retired' : 'expired'
  const works = retired_at === null && isAhead(ctx, expires_at)
  return { id, code, referrer_name, state: works ? ('active' as const) : over }
}

/** The active code of an address; one negative answer, whether the address or the code is missing. */
export async function findActiveByEmail(ctx: Context, email: string) {
  const emailKey = parseEmail(email)?.key ?? ''
  const found = await ctx.cache.read<CachedCode | null>(lookUpKey(ctx, emailKey), async () => {
    const row = await queries.findByEmail(ctx.db, emailKey)
    if (!row) return null
    const { expires_at, created_at } = row
    return { ...row, expires_at: expires_at.toISOString(), created_at: created_at.toISOString() }
  })
  // An entry may outlive the code's expiry, so the time is looked at here, at each read.
  if (!found || !isAhead(ctx, found.expires_at)) throw new AppError('code_not_found')
  const { id, code, expires_at, created_at } = found
  return withUrl(ctx, { id, code, expires_at, created_at, is_active: true })
}

async function refusalOf(
  ctx: Context,
  code: string,
): Promise<'code_reserved' | 'code_taken' | null> {
  if (isReservedCode(code)) return 'code_reserved'
  return (await queries.findCheck(ctx.db, foldCode(code))) ? 'code_taken' : null
}

async function findCached(ctx: Context, text: string): Promise<CachedCheck> {
  const code = parseCode(text)
  if (!code) throw new AppError('code_not_found')
  const codeKey = foldCode(code)
  const found = await ctx.cache.read<CachedCheck | null>(checkKey(codeKey), async () => {
    const row = await queries.findCheck(ctx.db, codeKey)
    if (!row) return null
    const retired_at = row.retired_at?.toISOString() ?? null
    return { ...row, expires_at: row.expires_at.toISOString(), retired_at }
  })
  if (!found) throw new AppError('code_not_found')
  return found
}

const isAhead = (ctx: Context, expiresAt: string) => Date.parse(expiresAt) > ctx.clock.now()
