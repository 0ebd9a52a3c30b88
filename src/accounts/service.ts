import { hashNewPassword } from '../auth/service.ts'
import { forgetCode, refuseUnusable } from '../codes/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { refusing } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import { parseEmail } from '../lib/email.ts'
import { newId } from '../lib/ids.ts'
import { parseUsername } from '../lib/usernames.ts'
import { attribute } from '../referrals/service.ts'
import * as queries from './queries.ts'
import type { Registration } from './schemas.ts'

const TAKEN = {
  users_email_taken: () => new AppError('email_taken', { pointer: '/email' }),
  users_username_taken: () => new AppError('username_taken', { pointer: '/username' }),
}

/**
 * Creates an account and, with a referral code, its referral: both or neither. What the request would be
 * refused for is looked at before the password is hashed, and decided by constraints after.
 */
export async function register(ctx: Context, input: Registration) {
  const person = readPerson(input)
  if (input.referral_code !== undefined) await refuseUnusable(ctx, input.referral_code)
  if (await ctx.emailCheck.isUndeliverable(person.email_key)) {
    throw new AppError('email_undeliverable', { pointer: '/email' })
  }
  const password_hash = await hashNewPassword(input.password, [person.email, person.username])
  const id = await inTransaction(ctx, async (ctx) => {
    const locale = input.locale ?? ctx.config.DEFAULT_LOCALE
    const values = { id: newId(), ...person, password_hash, locale }
    const user = await refusing(TAKEN, () => queries.insertUser(ctx.db, values))
    if (input.referral_code !== undefined) await attribute(ctx, user, input.referral_code)
    const mail = ctx.config.EMAIL_VERIFICATION === 'off' ? 'welcome' : 'verify'
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail, user_id: user.id })
    if (ctx.enrichment) await ctx.jobs.enqueue(ctx.db, 'accounts.enrich', { user_id: user.id })
    return user.id
  })
  return getUser(ctx, id)
}

/** Creates an administrator, or makes the user of this address one. Says which of the two it did. */
export async function createAdmin(
  ctx: Context,
  input: { email: string; password: string },
): Promise<'created' | 'promoted'> {
  const person = readPerson(input)
  if (await queries.promote(ctx.db, person.email_key)) return 'promoted'
  const password_hash = await hashNewPassword(input.password, [person.email])
  const values = { id: newId(), ...person, password_hash, locale: ctx.config.DEFAULT_LOCALE }
  await refusing(TAKEN, () => queries.insertUser(ctx.db, { ...values, role: 'admin' }))
  return 'created'
}

/** Makes the administrator of ADMIN_EMAIL while there is none; of several instances one does it. */
export async function ensureFirstAdmin(ctx: Context): Promise<void> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = ctx.config
  if (email === undefined || password === undefined || (await queries.hasAdmin(ctx.db))) return
  try {
    ctx.log.info({ outcome: await createAdmin(ctx, { email, password }) }, 'first administrator')
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'email_taken')) throw error
  }
}

/** Changes the profile; a new name shows at once on the page of the user's code. */
export async function updateMe(
  ctx: Context,
  id: string,
  input: { username?: string | null; locale?: string },
) {
  const changes = { ...input, ...(input.username !== undefined && readUsername(input.username)) }
  if (Object.keys(changes).length > 0) {
    await inTransaction(ctx, async (ctx) => {
      await refusing(TAKEN, () => queries.updateProfile(ctx.db, id, changes))
      if (input.username !== undefined) await forgetCode(ctx, id)
    })
  }
  return getUser(ctx, id)
}

/** The user; throws `invalid_token` when it was erased after the token was checked. */
export async function getUser(ctx: Context, id: string) {
  const user = await queries.findUser(ctx.db, id)
  if (!user) throw new AppError('invalid_token')
  return user
}

function readPerson(input: { email: string; username?: string }) {
  const parsed = parseEmail(input.email)
  if (!parsed) throw new AppError('validation_failed', { pointer: '/email' })
  const name = readUsername(input.username ?? null)
  return { email: parsed.email, email_key: parsed.key, ...name }
}

function readUsername(text: string | null) {
  if (text === null) return { username: null, username_key: null }
  const parsed = parseUsername(text)
  if (!parsed) throw new AppError('validation_failed', { pointer: '/username' })
  return { username: parsed.username, username_key: parsed.key }
}
