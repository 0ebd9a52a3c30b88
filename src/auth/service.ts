import QuickLRU from 'quick-lru'
import { record } from '../audit/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { AppError, type ErrorCode } from '../errors.ts'
import type { Actor, Authenticate, Principal } from '../http/auth.ts'
import { SECOND } from '../lib/dates.ts'
import { parseEmail } from '../lib/email.ts'
import { newId, parseId } from '../lib/ids.ts'
import type { Settle } from '../limits/limits.ts'
import type { Wanted } from '../limits/table.ts'
import { parseUsername } from '../lib/usernames.ts'
import { isDeviceOf, readDevice, writeDevice } from './devices.ts'
import {
  hashing,
  hashPassword,
  isOutdated,
  refuseWeakPassword,
  shareCores,
  verifyPassword,
} from './passwords.ts'
import * as queries from './queries.ts'
import type { Token } from './schemas.ts'
import { type AccessTokens, readRefreshToken, writeRefreshToken } from './tokens.ts'

export interface Device {
  client_id: string
  user_agent: string
}

interface Credentials {
  login: string
  password: string
}

interface Attempt extends Credentials {
  /** The address that limits count; undefined for somebody who is trying the service out. */
  client: string | undefined
  request_id: string
  /** What the client shows to be a device that signed in before. */
  device_token?: string | undefined
}

interface SignedIn {
  user_id: string
  tokens: Token
  /** The proof that this device signed in. */
  device_token: string
}

type Refusal = 'invalid_credentials' | 'invalid_grant'

export { hashing, shareCores, writeDevice }
export { listSessions } from './queries.ts'

/** What the operations on tokens need besides the context. */
export interface Auth extends Context {
  tokens: AccessTokens
}

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

/**
 * Signs in by e-mail address or username; an unknown, blocked or erased account costs and tells the same,
 * and is limited the same: what is counted is what was typed, before it is known whether it is anybody's.
 * A device that signed in before has a budget of its own, so that nobody else's failures lock its owner out.
 */
export async function signIn(
  ctx: Auth,
  input: Attempt,
  device: Device,
  refusal: Refusal = 'invalid_credentials',
): Promise<SignedIn> {
  const known = await recognise(ctx, input)
  const wanted: Wanted = known ? [['login_device', known.id]] : budgetOf(input)
  const settle = failuresOf(refusal)
  const open = () => openByPassword(ctx, input, device, refusal)
  const { owner, tokens } = await ctx.limits.attempt(wanted, open, settle)
  return { user_id: owner.id, tokens, device_token: writeDevice(ctx, owner, known) }
}

/**
 * Exchanges a refresh token for new ones. Each is good once; the one just spent answers the same
 * successor for 10 s (the reply may have been lost); any other use ends the session.
 */
export async function refresh(ctx: Auth, by: Actor, refreshToken: string): Promise<Token> {
  const given = readRefreshToken(ctx, refreshToken)
  if (!given) throw new AppError('invalid_grant')
  const session =
    (await queries.rotateSession(ctx.db, given.id, given.counter, ctx.config.REFRESH_TOKEN_TTL)) ??
    (await queries.findRotated(ctx.db, given.id, given.counter))
  if (!session) {
    await inTransaction(ctx, async (ctx) => {
      const [ended] = await queries.revokeSessions(ctx.db, { id: given.id })
      if (ended?.was_open) await tellEnded(ctx, by, ended, { reason: 'token_reused' })
    })
    throw new AppError('invalid_grant')
  }
  return tokensOf(ctx, session)
}

/** Ends the session of a refresh or access token (RFC 7009); an unknown token is no error. */
export async function revoke(ctx: Auth, by: Actor, token: string): Promise<void> {
  const id = readRefreshToken(ctx, token)?.id ?? (await ctx.tokens.verify(token).catch(unknown))
  if (id === undefined) return
  await inTransaction(ctx, async (ctx) => {
    const [ended] = await queries.revokeSessions(ctx.db, { id })
    if (ended?.was_open) await tellEnded(ctx, { ...by, id: ended.user_id }, ended)
  })
}

/** Ends one session of the user; throws `session_not_found` for a stranger's as for a missing one. */
export function endSession(
  ctx: Context,
  by: Actor,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  const id = parseId(sessionId)
  return inTransaction(ctx, async (ctx) => {
    const [ended] = id ? await queries.revokeSessions(ctx.db, { id, userId }) : []
    if (!ended) throw new AppError('session_not_found')
    await tellEnded(ctx, by, ended)
  })
}

/** Ends every session of whoever asks but the one of this request. */
export function endOtherSessions(ctx: Context, by: Actor, principal: Principal): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    const which = { userId: principal.id, except: principal.session_id }
    const { length: sessions } = await queries.revokeSessions(ctx.db, which)
    if (sessions === 0) return
    const event = { user_id: principal.id, details: { sessions } }
    await record(ctx, by, { action: 'account.session_ended', ...event })
  })
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

// The session is made only while the password is still the one that was verified.
async function openByPassword(
  ctx: Auth,
  input: Attempt,
  device: Device,
  refusal: Refusal,
): Promise<{ tokens: Token; owner: { id: string; password_hash: string } }> {
  const user = await queries.findCredentials(ctx.db, keysOf(input.login))
  const passwordHash = user?.blocked_at ? null : user?.password_hash
  const right = await verifyPassword(passwordHash, input.password)
  if (!user || !passwordHash || !right) throw new AppError(refusal)
  if (ctx.config.EMAIL_VERIFICATION === 'required' && !user.email_verified_at) {
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'verify', user_id: user.id })
    throw new AppError('email_not_verified')
  }
  const by = { id: user.id, request_id: input.request_id }
  const session = await openSession(ctx, by, passwordHash, device)
  // The account changed while the password was verified, perhaps to a stronger hash of the same one.
  if (!session) return openByPassword(ctx, input, device, refusal)
  const password_hash = isOutdated(passwordHash)
    ? await strengthen(ctx, user.id, passwordHash, input.password)
    : passwordHash
  return { tokens: await tokensOf(ctx, session), owner: { id: user.id, password_hash } }
}

// Only whoever shows a token of ours costs this query, which tells them nothing that they did not know.
async function recognise(ctx: Context, { login, device_token }: Attempt) {
  const device = readDevice(ctx, device_token)
  if (!device) return undefined
  const user = await queries.findCredentials(ctx.db, keysOf(login))
  return isDeviceOf(ctx, device, user) ? device : undefined
}

function budgetOf({ login, client }: Attempt): Wanted {
  const { email, username = login } = keysOf(login)
  const byName: Wanted = [['login', email ?? username]]
  return client === undefined ? byName : [...byName, ['login_address', client]]
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
    if (user?.password_hash !== before?.password_hash) return false
    await setPassword(ctx, principal.id, passwordHash, principal.session_id)
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'password_changed', user_id: principal.id })
    await record(ctx, by, { action: 'account.password_changed', user_id: principal.id })
    return true
  })
  // The hash changed while the password was verified: what is current now decides.
  if (!changed) return changeVerified(ctx, by, principal, input)
  return writeDevice(ctx, { id: principal.id, password_hash: passwordHash })
}

function tellEnded(
  ctx: Context,
  by: Actor,
  session: { id: string; user_id: string },
  details: { reason?: string } = {},
): Promise<void> {
  const { id: target_id, user_id } = session
  return record(ctx, by, { action: 'account.session_ended', user_id, target_id, details })
}

// A right password forgets all failures; what failed for another reason was no failure of this kind.
function failuresOf(code: ErrorCode): Settle {
  return (error) => {
    if (error === undefined) return 'clear'
    return error instanceof AppError && error.code === code ? 'keep' : 'undo'
  }
}

// RFC 7009 calls a token that we do not know no error; a database that is away is one.
function unknown(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === 'invalid_token')) throw error
}

function keysOf(login: string): { email?: string; username?: string } {
  const email = parseEmail(login)?.key
  const username = parseUsername(login)?.key
  return { ...(email && { email }), ...(username && { username }) }
}

function openSession(ctx: Auth, by: Actor & { id: string }, passwordHash: string, device: Device) {
  const userId = by.id
  return inTransaction(ctx, async (ctx) => {
    const user = await queries.findUnchanged(ctx.db, userId, passwordHash)
    if (!user) return undefined
    const values = { id: newId(), user_id: userId, ...device }
    const isNew = await queries.isNewDevice(ctx.db, userId, device.user_agent)
    const session = await queries.insertSession(ctx.db, values, ctx.config.REFRESH_TOKEN_TTL)
    if (isNew) {
      const job = { mail: 'new_device' as const, user_id: userId, subject_id: session.id }
      await ctx.jobs.enqueue(ctx.db, 'mail', job)
      const event = { user_id: userId, target_id: session.id }
      await record(ctx, by, { action: 'account.new_device', ...event })
    }
    return { ...values, ...session, counter: 0, role: user.role }
  })
}

// The session is open by now, so a full queue only leaves the old hash for the next sign-in.
async function strengthen(ctx: Auth, id: string, from: string, password: string): Promise<string> {
  try {
    const stronger = await hashPassword(password)
    await queries.updateHash(ctx.db, id, from, stronger)
    return stronger
  } catch (error) {
    ctx.log.warn({ err: error }, 'password not hashed anew')
    return from
  }
}

async function tokensOf(
  ctx: Auth,
  session: {
    id: string
    counter: number
    user_id: string
    role: string
    client_id: string
    created_at: Date
  },
): Promise<Token> {
  const scope = session.role === 'admin' ? 'user admin' : 'user'
  const access_token = await ctx.tokens.sign({
    sub: session.user_id,
    sid: session.id,
    client_id: session.client_id,
    scope,
    auth_time: Math.floor(session.created_at.getTime() / 1000),
  })
  return {
    access_token,
    token_type: 'Bearer',
    expires_in: ctx.config.ACCESS_TOKEN_TTL,
    refresh_token: writeRefreshToken(ctx, session.id, session.counter),
    scope,
  }
}
