import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { foldCode, parseCode } from '../lib/code-text.ts'
import { parseEmail } from '../lib/email.ts'
import { checkKey, lookUpKey } from './cache-keys.ts'
import * as queries from './queries.ts'
import { withUrl } from './service.ts'

interface CachedCheck {
  code: string
  expires_at: string
  retired: boolean
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
  const code = parseCode(text)
  if (!code) throw new AppError('code_not_found')
  const codeKey = foldCode(code)
  const found = await ctx.cache.read<CachedCheck | null>(checkKey(codeKey), async () => {
    const row = await queries.findCheck(ctx.db, codeKey)
    if (!row) return null
    const { retired_at, expires_at, ...rest } = row
    return { ...rest, expires_at: expires_at.toISOString(), retired: retired_at !== null }
  })
  if (!found) throw new AppError('code_not_found')
  const { retired, ...rest } = found
  return { ...rest, is_active: !retired && isAhead(ctx, found.expires_at) }
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
  return { ...withUrl(ctx, found), is_active: true }
}

const isAhead = (ctx: Context, expiresAt: string) => Date.parse(expiresAt) > ctx.clock.now()
