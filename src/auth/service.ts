import QuickLRU from 'quick-lru'
import { record } from '../audit/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Actor, Authenticate, Principal } from '../http/auth.ts'
import { SECOND } from '../lib/dates.ts'
import { failuresOf } from '../limits/limits.ts'
import type { Wanted } from '../limits/table.ts'
import { writeDevice } from './devices.ts'
import {
  hashing,
  hashPassword,
  refuseWeakPassword,
  refuseWhenFull,
  shareCores,
  verifyPassword,
} from './passwords.ts'
import * as queries from './queries.ts'
import type { Auth } from './sessions.ts'

export { hashing, refuseWhenFull, shareCores, writeDevice }
export { listSessions } from './queries.ts'

const READS_AFTER_END = 4 * SECOND

/**
 * Who a token belongs to. A write asks the database; a read may remember for 4 s, so that a session
 * that ended, a block or a new password is obeyed within 5.
 */
export function createAuthenticate(ctx: Auth): Authenticate {
  const remembered = new QuickLRU<string, Principal>({ maxSize: 10_000, maxAge: READS_AFTER_END })
  return async (token, { fresh }) => {
    const sessionId = await ctx.tokens.verify(token)
    const known = fresh ? undefined : remembered.get(sessionId)
    if (known) return known
    const found = await queries.findPrincipal(ctx.db, sessionId)
    if (!found) {
      remembered.delete(sessionId)
      throw new AppError('invalid_token')
    }
    const principal = found as Principal
    remembered.set(sessionId, principal)
    return principal
  }
}

/** Ends every session of a user in the caller's transaction; returns how many there were. */
export async function endAllSessions(ctx: Context, userId: string): Promise<number> {
  return (await queries.revokeSessions(ctx.db, { userId })).length
}

/**
 * Sets a new password and ends every other session in one step; throws `wrong_password`. Returns what makes
 * the device one that is known under the new password.
 */
export function changePassword(
  ctx: Context,
  by: Actor,
  principal: Principal,
  input: { current_password: string; new_password: string },
): Promise<string> {
  // Whoever holds another's access token must not find out the password with it.
  const wanted: Wanted = [['change_password', principal.id]]
  const change = () => changeVerified(ctx, by, principal, input)
  return ctx.limits.attempt(wanted, change, failuresOf('wrong_password'))
}

/** Sets a password and ends every session but `except`, in the caller's transaction. */
export async function setPassword(
  ctx: Context,
  userId: string,
  passwordHash: string,
  except?: string,
): Promise<void> {
  await queries.updatePassword(ctx.db, userId, passwordHash)
  await queries.revokeSessions(ctx.db, { userId, ...(except && { except }) })
}

/**
 * What cannot be undone needs a sign-in of the last 10 minutes; throws `reauthentication_required`. Holds
 * the user in the caller's transaction, so that this sign-in is not ended by a new password meanwhile.
 */
export async function requireRecentSignIn(ctx: Context, principal: Principal): Promise<void> {
  const user = await queries.lockUser(ctx.db, principal.id)
  const session = user && (await queries.findSignIn(ctx.db, principal.session_id))
  if (!session) throw new AppError('invalid_token')
  if (!session.is_recent) throw new AppError('reauthentication_required')
}

/** The hash of a new password; throws `weak_password` for a common one or one made of `names`. */
export function hashNewPassword(
  password: string,
  names: (string | null | undefined)[],
  pointer = '/password',
): Promise<string> {
  refuseWeakPassword(password, names, pointer)
  return hashPassword(password)
}

// Always at an address that was confirmed; one that was not may belong to somebody who asked for none of it.
async function tellOfChange(ctx: Context, owner: { id: string; email_verified_at: Date | null }) {
  const { id: user_id, email_verified_at } = owner
  if (!email_verified_at && !(await ctx.limits.take('reset_per_email', user_id)).allowed) return
  await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'password_changed', user_id })
}

async function changeVerified(
  ctx: Context,
  by: Actor,
  principal: Principal,
  input: { current_password: string; new_password: string },
): Promise<string> {
  const before = await queries.findUser(ctx.db, principal.id)
  if (!(await verifyPassword(before?.password_hash, input.current_password))) {
    throw new AppError('wrong_password', { pointer: '/current_password' })
  }
  const names = [before?.email, before?.username]
  const passwordHash = await hashNewPassword(input.new_password, names, '/new_password')
  const changed = await inTransaction(ctx, async (ctx) => {
    const user = await queries.lockUser(ctx.db, principal.id)
    if (!user || user.password_hash !== before?.password_hash) return false
    await setPassword(ctx, user.id, passwordHash, principal.session_id)
    await tellOfChange(ctx, user)
    await record(ctx, by, { action: 'account.password_changed', user_id: principal.id })
    return true
  })
  // The hash changed while the password was verified: what is current now decides.
  if (!changed) return changeVerified(ctx, by, principal, input)
  return writeDevice(ctx, { id: principal.id, password_hash: passwordHash })
}
