import { record } from '../audit/service.ts'
import { hashNewPassword, setPassword, writeDevice } from '../auth/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Actor } from '../http/auth.ts'
import { parseEmail } from '../lib/email.ts'
import { confirm } from '../referrals/service.ts'
import { type Purpose, readEmailToken } from './email-tokens.ts'
import * as queries from './queries.ts'

/** Confirms an address by its link, once; a referral of this user is confirmed with it. Throws `link_expired`. */
export async function verifyEmail(ctx: Context, by: Actor, token: string): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const userId = await spend(ctx, 'verify', token)
    if (!(await confirmAddress(ctx, by, userId))) return
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'welcome', user_id: userId })
  })
}

/** Sends the link to confirm the address again, unless it is confirmed. */
export async function resendVerification(ctx: Context, userId: string): Promise<void> {
  const user = await queries.findRecipient(ctx.db, userId)
  if (user && !user.email_verified) {
    const job = { mail: 'verify' as const, user_id: userId }
    await inTransaction(ctx, (ctx) => ctx.jobs.enqueue(ctx.db, 'mail', job))
  }
}

/**
 * Sends the link to set a new password. A job is written whether or not there is such a user, so that the
 * answer takes the same time and tells nothing.
 */
export async function askReset(ctx: Context, email: string): Promise<void> {
  const user = await queries.findByEmailKey(ctx.db, parseEmail(email)?.key ?? '')
  const user_id = user && !user.blocked_at ? user.id : null
  await inTransaction(ctx, (ctx) => ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'reset', user_id }))
}

/**
 * Sets a new password by its link, once, and ends every session; the address is confirmed with it. Returns
 * what makes the device one that is known: whoever asked for a link may not be locked out after it either.
 */
export async function resetPassword(
  ctx: Context,
  by: Actor,
  input: { token: string; password: string },
): Promise<string> {
  const purpose = readEmailToken(ctx, 'invite', input.token) ? 'invite' : 'reset'
  const id = readEmailToken(ctx, purpose, input.token)
  const user = id && (await queries.findTokenOwner(ctx.db, id))
  if (!user) throw new AppError('link_expired')
  // Before the transaction: hashing takes long, and a weak password must not spend the link.
  const passwordHash = await hashNewPassword(input.password, [user.email, user.username])
  await inTransaction(ctx, async (ctx) => {
    const user_id = await spend(ctx, purpose, input.token)
    await setPassword(ctx, user_id, passwordHash)
    // Whoever opens the link reads the mail of this address.
    await confirmAddress(ctx, by, user_id)
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: AFTER[purpose].mail, user_id })
    await record(ctx, by, { action: AFTER[purpose].action, user_id })
  })
  return writeDevice(ctx, { id: user.id, password_hash: passwordHash })
}

const AFTER = {
  reset: { mail: 'password_changed', action: 'account.password_reset' },
  invite: { mail: 'welcome', action: 'account.invitation_accepted' },
} as const

/** True for the one call that confirmed the address, and a referral with it; an invitation is accepted by that. */
async function confirmAddress(ctx: Context, by: Actor, userId: string): Promise<boolean> {
  if (!(await queries.markVerified(ctx.db, userId))) return false
  await queries.voidEmailTokens(ctx.db, userId, 'invite')
  await confirm(ctx, userId)
  await record(ctx, by, { action: 'account.email_verified', user_id: userId })
  return true
}

async function spend(ctx: Context, purpose: Purpose, token: string): Promise<string> {
  const id = readEmailToken(ctx, purpose, token)
  // Users are locked first, as by whoever erases one.
  if (id) await queries.lockTokenOwner(ctx.db, id)
  const spent = id && (await queries.spendEmailToken(ctx.db, id, purpose))
  if (!spent) throw new AppError('link_expired')
  return spent.user_id
}
