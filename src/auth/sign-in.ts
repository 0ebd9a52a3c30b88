import { record } from '../audit/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { AppError } from '../errors.ts'
import { parseEmail } from '../lib/email.ts'
import { newId } from '../lib/ids.ts'
import { parseUsername } from '../lib/usernames.ts'
import { failuresOf } from '../limits/limits.ts'
import type { Wanted } from '../limits/table.ts'
import { isDeviceOf, readDevice, writeDevice } from './devices.ts'
import { hashPassword, isOutdated, refuseWhenFull, verifyPassword } from './passwords.ts'
import * as queries from './queries.ts'
import type { Token } from './schemas.ts'
import { type Auth, tokensOf } from './sessions.ts'

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
  refuseWhenFull()
  const known = await recognise(ctx, input)
  const wanted: Wanted = known ? [['login_device', known.id]] : budgetOf(input)
  const settle = failuresOf(refusal)
  const open = () => openByPassword(ctx, input, device, refusal)
  const { owner, tokens } = await ctx.limits.attempt(wanted, open, settle)
  return { user_id: owner.id, tokens, device_token: writeDevice(ctx, owner, known) }
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
    if (await takeMail(ctx, input, user.id)) {
      await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'verify', user_id: user.id })
    }
    throw new AppError('email_not_verified')
  }
  const session = await openSession(ctx, { ...user, password_hash: passwordHash }, input, device)
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

function keysOf(login: string): { email?: string; username?: string } {
  const email = parseEmail(login)?.key
  const username = parseUsername(login)?.key
  return { ...(email && { email }), ...(username && { username }) }
}

// A limit, because whoever registered the address of somebody else has the right password too.
const takeMail = async (ctx: Context, { client }: Attempt, userId: string) =>
  client === undefined || (await ctx.limits.take('reset_per_email', userId)).allowed

interface Verified {
  id: string
  password_hash: string
  email_verified_at: Date | null
}

function openSession(ctx: Auth, owner: Verified, input: Attempt, device: Device) {
  const { id: user_id, password_hash } = owner
  return inTransaction(ctx, async (ctx) => {
    const user = await queries.findUnchanged(ctx.db, user_id, password_hash)
    if (!user) return undefined
    const values = { id: newId(), user_id, ...device }
    const isNew = await queries.isNewDevice(ctx.db, user_id, device.user_agent)
    const session = await queries.insertSession(ctx.db, values, ctx.config.REFRESH_TOKEN_TTL)
    if (isNew) {
      const by = { id: user_id, request_id: input.request_id }
      const event = { user_id, target_id: session.id }
      await record(ctx, by, { action: 'account.new_device', ...event })
      await tellOwner(ctx, owner, input, session.id)
    }
    return { ...values, ...session, counter: 0, role: user.role }
  })
}

// An address that was not confirmed may be somebody else's; where none ever is, the limit alone has to do.
async function tellOwner(ctx: Context, owner: Verified, input: Attempt, sessionId: string) {
  if (!owner.email_verified_at && ctx.config.EMAIL_VERIFICATION !== 'off') return
  if (!(await takeMail(ctx, input, owner.id))) return
  const job = { mail: 'new_device' as const, user_id: owner.id, subject_id: sessionId }
  await ctx.jobs.enqueue(ctx.db, 'mail', job)
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
