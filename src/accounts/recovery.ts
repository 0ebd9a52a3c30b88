import { hashNewPassword, setPassword } from '../auth/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { AppError } from '../errors.ts'
import { parseEmail } from '../lib/email.ts'
import { confirm } from '../referrals/service.ts'
import { type Purpose, readEmailToken } from './email-tokens.ts'
import * as queries from './queries.ts'

/** Confirms an address by its link, once; a referral of this user is confirmed with it. Throws `link_expired`. */
export async function verifyEmail(ctx: Context, token: string): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const userId = await spend(ctx, 'verify', token)
    if (!(await queries.markVerified(ctx.db, userId))) return
    await confirm(ctx, userId)
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

/** Sets a new password by its link, once, and ends every session; the address is confirmed with it. */
export async function resetPassword(
  ctx: Context,
  input: { token: string; password: string },
): Promise<void> {
  const id = readEmailToken(ctx, 'reset', input.token)
  const user = id && (await queries.findTokenOwner(ctx.db, id))
  if (!user) throw new AppError('link_expired')
  // Before the transaction: hashing takes long, and a weak password must not spend the link.
  const passwordHash = await hashNewPassword(input.password, [user.email, user.username])
  await inTransaction(ctx, async (ctx) => {
    const userId = await spend(ctx, 'reset', input.token)
    await setPassword(ctx, userId, passwordHash)
    // Whoever opens the link reads the mail of this address.
    if (await queries.markVerified(ctx.db, userId)) await confirm(ctx, userId)
  })
}

async function spend(ctx: Context, purpose: Purpose, token: string): Promise<string> {
  const id = readEmailToken(ctx, purpose, token)
  const spent = id && (await queries.spendEmailToken(ctx.db, id, purpose))
  if (!spent) throw new AppError('link_expired')
  return spent.user_id
}
