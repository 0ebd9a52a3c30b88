import { record } from '../audit/service.ts'
import { hashNewPassword, refuseWhenFull } from '../auth/service.ts'
import { forgetCode, refuseUnusable } from '../codes/service.ts'
import { ConfigError } from '../config.ts'
import { type Context, inTransaction } from '../context.ts'
import { refusing } from '../db/failures.ts'
import { AppError, SetupError } from '../errors.ts'
import type { Actor } from '../http/auth.ts'
import { InvalidFields } from '../http/validation.ts'
import { parseEmail } from '../lib/email.ts'
import { newId } from '../lib/ids.ts'
import { randomSecret } from '../lib/secrets.ts'
import { httpsUrl, plainText } from '../lib/plain-text.ts'
import { parseUsername } from '../lib/usernames.ts'
import { byFirstTouch, type Evidence, isBrowserOf, keepTouches } from '../links/service.ts'
import { attribute } from '../referrals/service.ts'
import * as queries from './queries.ts'
import { AVATAR_URL_MAX, NAME_MAX, type ProfilePatch, type Registration } from './schemas.ts'

const OWN = ['name', 'avatar_url', 'company'] as const

const TAKEN = {
  users_email_taken: () => new AppError('email_taken', { pointer: '/email' }),
  users_username_taken: () => new AppError('username_taken', { pointer: '/username' }),
}

/**
 * Creates an account and, with a referral code, its referral: both or neither. What the request would be
 * refused for is looked at before the password is hashed, and decided by constraints after. Without a code
 * the first link that the browser opened counts, as far as its cookie proves it.
 */
export async function register(ctx: Context, input: Registration, evidence?: Evidence) {
  const person = readPerson(input)
  refuseWhenFull()
  if (input.referral_code !== undefined) await refuseUnusable(ctx, input.referral_code)
  if (await ctx.emailCheck.isUndeliverable(person.email_key)) {
    throw new AppError('email_undeliverable', { pointer: '/email' })
  }
  const password_hash = await hashNewPassword(input.password, [person.email, person.username])
  const locale = input.locale ?? ctx.config.DEFAULT_LOCALE
  // Read in the transaction: after it a failure would pass for one that changed nothing.
  const create = (arrival: Arrival | undefined) =>
    inTransaction(ctx, async (ctx) =>
      getUser(ctx, await insert(ctx, { ...person, password_hash, locale }, arrival)),
    )
  const typed = input.referral_code
  if (typed !== undefined) return create({ code: typed, rule: 'explicit_code', evidence })
  return byFirstTouch(ctx, evidence, (code) =>
    create(code === undefined ? undefined : { code, rule: 'first_touch', evidence }),
  )
}

/** How somebody who registers came. */
interface Arrival {
  code: string
  rule: 'explicit_code' | 'first_touch'
  evidence: Evidence | undefined
}

async function insert(
  ctx: Context,
  person: Omit<queries.NewUser, 'id'>,
  arrival: Arrival | undefined,
): Promise<string> {
  const values = { id: newId(), ...person }
  const user = await refusing(TAKEN, () => queries.insertUser(ctx.db, values))
  if (arrival) await attributeTo(ctx, { ...user, email_key: person.email_key }, arrival)
  const mail = ctx.config.EMAIL_VERIFICATION === 'off' ? 'welcome' : 'verify'
  await ctx.jobs.enqueue(ctx.db, 'mail', { mail, user_id: user.id })
  if (ctx.enrichment) await ctx.jobs.enqueue(ctx.db, 'accounts.enrich', { user_id: user.id })
  return user.id
}

async function attributeTo(
  ctx: Context,
  user: { id: string; seq: number; email_key: string },
  { evidence, ...won }: Arrival,
): Promise<void> {
  if (!evidence) return attribute(ctx, user, won.code)
  const cameOnDeviceOf = (ctx: Context, userId: string) => isBrowserOf(ctx, evidence, userId)
  await attribute(ctx, { ...user, cameOnDeviceOf }, won.code)
  await keepTouches(ctx, user.id, evidence, won)
}

/**
 * Makes an account that its owner sets the password of, by a mailed link; who has not accepted yet is sent
 * a new one. Throws `email_taken` for everybody else who is there. In the same transaction `mayInvite` throws where
 * whoever invites may do so no more.
 */
export async function invite(
  ctx: Context,
  by: Actor,
  input: { email: string; role?: 'user' | 'admin'; locale?: string },
  mayInvite: (ctx: Context) => Promise<unknown>,
): Promise<{ id: string; created: boolean }> {
  const { role = 'user', locale = ctx.config.DEFAULT_LOCALE } = input
  const person = readPerson({ email: input.email })
  // Nobody knows it: the account opens by the link alone.
  const password_hash = await hashNewPassword(randomSecret(), [])
  return inTransaction(ctx, async (ctx) => {
    await mayInvite(ctx)
    const values = { id: newId(), ...person, password_hash, locale, role }
    const created = await queries.insertInvited(ctx.db, values)
    const user = created ?? (await queries.holdInvited(ctx.db, person.email_key))
    if (!user) throw TAKEN.users_email_taken()
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'invite', user_id: user.id })
    const details = { role: user.role, again: created === undefined }
    await record(ctx, by, { action: 'user.invited', user_id: user.id, details })
    return { id: user.id, created: created !== undefined }
  })
}

/** Creates an administrator, or makes the user of this address one. Says which of the two it did. */
export async function createAdmin(
  ctx: Context,
  by: Actor,
  input: { email: string; password: string },
): Promise<'created' | 'promoted'> {
  const person = readPerson(input)
  if (await promote(ctx, by, person.email_key)) return 'promoted'
  const password_hash = await hashNewPassword(input.password, [person.email])
  await inTransaction(ctx, (ctx) => insertAdmin(ctx, by, { ...person, password_hash }))
  return 'created'
}

/**
 * Creates the first administrator, of all who try at once exactly one; throws `setup_done` when there is one,
 * and `email_taken` rather than giving the role to somebody who registered with that address.
 */
export async function createFirstAdmin(
  ctx: Context,
  by: Actor,
  input: { email: string; password: string },
) {
  const person = readPerson(input)
  const password_hash = await hashNewPassword(input.password, [person.email])
  return inTransaction(ctx, async (ctx) => {
    await queries.lockFirstAdmin(ctx.db)
    if (await queries.hasAdmin(ctx.db)) throw new AppError('setup_done')
    return getUser(ctx, await insertAdmin(ctx, by, { ...person, password_hash }))
  })
}

/**
 * Makes the administrator of ADMIN_EMAIL while there is none; of several instances one does it. Who registered
 * with that address is not given the role: the start stops instead.
 */
export async function ensureFirstAdmin(ctx: Context): Promise<void> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = ctx.config
  if (email === undefined || password === undefined || (await queries.hasAdmin(ctx.db))) return
  try {
    await createFirstAdmin(ctx, { id: null, request_id: 'ADMIN_EMAIL' }, { email, password })
    ctx.log.info({}, 'first administrator made')
  } catch (error) {
    // Another instance or a command may have been faster.
    if (error instanceof AppError && (await queries.hasAdmin(ctx.db))) return
    throw unfitForStart(error) ?? error
  }
}

/**
 * Changes the profile; a new username shows at once on the page of the user's code, and what is set or
 * removed here is never filled in by enrichment.
 */
export async function updateMe(ctx: Context, id: string, input: ProfilePatch) {
  const username = input.username === undefined ? {} : readUsername(input.username)
  const changes = { ...input, ...username, ...readProfile(input) }
  const own = OWN.filter((field) => input[field] !== undefined)
  if (Object.keys(changes).length === 0) return getUser(ctx, id)
  return inTransaction(ctx, async (ctx) => {
    await refusing(TAKEN, () => queries.updateProfile(ctx.db, id, changes, own))
    if (input.username !== undefined) await forgetCode(ctx, id)
    return getUser(ctx, id)
  })
}

/** The user; throws `invalid_token` when it was erased after the token was checked. */
export async function getUser(ctx: Context, id: string) {
  const user = await queries.findUser(ctx.db, id)
  if (!user) throw new AppError('invalid_token')
  return user
}

// Whoever runs the service vouches for the address.
async function insertAdmin(
  ctx: Context,
  by: Actor,
  person: ReturnType<typeof readPerson> & { password_hash: string },
): Promise<string> {
  const values = { id: newId(), ...person, locale: ctx.config.DEFAULT_LOCALE }
  const user = await refusing(TAKEN, () => queries.insertAdmin(ctx.db, values))
  await tellRole(ctx, by, { id: user.id, role: null })
  return user.id
}

function unfitForStart(error: unknown): SetupError | undefined {
  if (!(error instanceof AppError)) return undefined
  if (error.code === 'email_taken') return new SetupError(ADDRESS_TAKEN, { cause: error })
  if (error.code !== 'weak_password') return undefined
  const problem = `ADMIN_PASSWORD is too easy to guess. ${error.message}`
  return new ConfigError(`Wrong configuration:\n  ${problem}`, { cause: error })
}

const ADDRESS_TAKEN =
  'Somebody registered with the address in ADMIN_EMAIL before, and is not made an administrator for that. ' +
  'Set another address; or, if the account is yours, run `invitree create-admin` with its address.'

function promote(ctx: Context, by: Actor, emailKey: string): Promise<boolean> {
  return inTransaction(ctx, async (ctx) => {
    const user = await queries.lockByEmailKey(ctx.db, emailKey)
    if (user && user.role !== 'admin') {
      await queries.makeAdmin(ctx.db, user.id)
      await tellRole(ctx, by, user)
    }
    return user !== undefined
  })
}

const tellRole = (ctx: Context, by: Actor, { id, role }: { id: string; role: string | null }) =>
  record(ctx, by, {
    action: 'user.role_changed',
    user_id: id,
    details: { from: role, to: 'admin' },
  })

function readPerson(input: { email: string; username?: string }) {
  const parsed = parseEmail(input.email)
  if (!parsed) throw new AppError('validation_failed', { pointer: '/email' })
  const name = readUsername(input.username ?? null)
  return { email: parsed.email, email_key: parsed.key, ...name }
}

// A text of blanks alone removes the field, as null does.
function readProfile({ name, avatar_url, company }: ProfilePatch) {
  const avatar = avatar_url == null ? null : httpsUrl(avatar_url, AVATAR_URL_MAX)
  if (avatar_url != null && avatar === null) {
    throw new InvalidFields([{ pointer: '/avatar_url', code: 'format_wrong' }])
  }
  return {
    ...(name !== undefined && { name: plainText(name, NAME_MAX) }),
    ...(company !== undefined && { company: plainText(company, NAME_MAX) }),
    ...(avatar_url !== undefined && { avatar_url: avatar }),
  }
}

function readUsername(text: string | null) {
  if (text === null) return { username: null, username_key: null }
  const parsed = parseUsername(text)
  if (!parsed) throw new AppError('validation_failed', { pointer: '/username' })
  return { username: parsed.username, username_key: parsed.key }
}
