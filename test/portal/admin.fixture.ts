import { randomBytes } from 'node:crypto'
import { newDemo, draw } from '../../src/cli/demo-people.ts'
import { openSeeding } from '../../src/db/seed.ts'
import { parseEmail } from '../../src/lib/email.ts'
import { parseUsername } from '../../src/lib/usernames.ts'
import {
  type Account,
  createAccount,
  createCode,
  inHours,
  post,
  type TestApp,
} from '../support/app.ts'
import { findRow, insertUsers, promote } from '../support/rows.ts'
import type { Portal } from './harness.ts'

const HOUR = 3_600_000
const DAYS = 60
const CROWD = 150

/** Somebody whose code brings one account after another within an hour, all of them from one person. */
export const ABUSER = 'max.frost'
/** By whom the abuser came, and by whom that one did. */
export const CHAIN = ['leo.hartmann', 'sara.lindqvist']

/** An administrator, in a service that has been in use for two months. */
export async function createAdministrator(it: TestApp): Promise<Account> {
  const nora = await createAccount(it, { username: 'nora.berg', email: 'nora.berg@example.com' })
  await promote(it, nora)
  await confirmAddress(it, nora)
  return nora
}

/** A crowd of the last weeks with clicks and referrals, and among them an abuse. */
export async function fillService(it: TestApp): Promise<void> {
  await insertCrowd(it)
  await insertAbuse(it)
  await insertClicks(it)
}

async function insertCrowd({ url, ctx }: TestApp): Promise<void> {
  const seeding = await openSeeding(url)
  try {
    const plan = { total: CROWD, ofOne: 12, now: seeding.now, passwordHash: 'none' }
    const batch = draw(newDemo(plan), await seeding.reserve(CROWD))
    await seeding.insert(batch)
  } finally {
    await seeding.close()
  }
  // Their password opens nothing: no second administrator.
  await ctx.db
    .updateTable('users')
    .set({ role: 'user' })
    .where('password_hash', '=', 'none')
    .execute()
}

export async function insertAbuse(it: TestApp): Promise<void> {
  const sara = await person(it, CHAIN[1]!)
  const saras = await createCode(it, sara, { code: 'SARA-LIKES-IT', expires_at: inHours(90 * 24) })
  const leo = await person(it, CHAIN[0]!, saras)
  const leos = await createCode(it, leo, { code: 'LEO-2027', expires_at: inHours(4 * 24) })
  const max = await person(it, ABUSER, leos)
  const maxs = await createCode(it, max, { code: 'FREE-MONEY', expires_at: inHours(30 * 24) })
  for (let n = 1; n <= 9; n++) await refer(it, maxs, `m.frost.${n}`, n > 2)
}

/** Somebody who registered, by a code where one is given. */
async function person(it: TestApp, username: string, code?: string): Promise<Account> {
  const email = `${username}@example.com`
  const account = await createAccount(it, { username, email, ...(code && { referral_code: code }) })
  await confirmAddress(it, account)
  return account
}

async function confirmAddress({ ctx }: TestApp, { id }: Account): Promise<void> {
  const email_verified_at = new Date()
  await ctx.db.updateTable('users').set({ email_verified_at }).where('id', '=', id).execute()
}

/** Somebody who registered by this code of late. */
export async function refer(
  it: TestApp,
  code: string,
  username: string,
  inReview = false,
): Promise<string> {
  const { db } = it.ctx
  const row = await findRow(it, code)
  const email = `${username}@example.com`
  const names = {
    username,
    username_key: parseUsername(username)!.key,
    email,
    email_key: parseEmail(email)!.key,
  }
  const [user] = await insertUsers(it, 1, names)
  const owner = await db
    .selectFrom('users')
    .select('seq')
    .where('id', '=', row.user_id)
    .executeTakeFirstOrThrow()
  await db
    .insertInto('referrals')
    .values({
      user_id: user!.id,
      user_seq: user!.seq,
      referrer_id: row.user_id,
      referrer_seq: owner.seq,
      code_id: row.id,
      code_expires_at: row.expires_at,
      ...(inReview && { status: 'review', reason: 'velocity' }),
    })
    .execute()
  return user!.id
}

/** Clicks of every day, fewer at weekends, on codes that work. */
async function insertClicks({ ctx: { db } }: TestApp): Promise<void> {
  const codes = await db.selectFrom('referral_codes').select(['id', 'created_at']).execute()
  const rows = Array.from({ length: DAYS }, (_, day) => {
    const date = new Date(Date.now() - day * 24 * HOUR)
    const isWeekend = [0, 6].includes(date.getUTCDay())
    const count = Math.round((isWeekend ? 6 : 14) + 5 * Math.sin(day / 4) + (DAYS - day) / 8)
    return Array.from({ length: count }, (_, n) => {
      const at = new Date(date.getTime() - (n % 23) * (HOUR / 2))
      const { id } = codes[(day * 7 + n * n) % codes.length]!
      return { code_id: id, at, day: at.toISOString().slice(0, 10), visitor: randomBytes(16) }
    })
  }).flat()
  await db.insertInto('clicks').values(rows).execute()
}

/** Things that administrators did, for the audit trail. */
export async function insertEvents(it: TestApp, admin: Account): Promise<void> {
  const [one, other] = await it.ctx.db
    .selectFrom('users')
    .select('id')
    .where('password_hash', '=', 'none')
    .orderBy('seq')
    .limit(2)
    .execute()
  await post(it, `/api/v1/admin/users/${one!.id}/block`, { reason: 'Sold accounts' }, admin)
  await post(it, `/api/v1/admin/users/${one!.id}/unblock`, {}, admin)
  await post(it, `/api/v1/admin/users/${other!.id}/reset-password`, {}, admin)
}

/** An administrator in a filled service, made when first asked for. */
export function filled(): (portal: Portal) => Promise<Account> {
  let made: Promise<Account> | undefined
  const make = async ({ it }: Portal) => {
    const nora = await createAdministrator(it)
    await fillService(it)
    await insertEvents(it, nora)
    return nora
  }
  return (portal) => (made ??= make(portal))
}

export async function idOf(it: TestApp, username: string): Promise<string> {
  const { id } = await it.ctx.db
    .selectFrom('users')
    .select('id')
    .where('username', '=', username)
    .executeTakeFirstOrThrow()
  return id
}

/** What the service answers where it has a bug: shown at once, while one that is away is asked again. */
export const FAULT = {
  status: 500,
  json: {
    type: 'https://errors.example/internal_error',
    title: 'Something went wrong',
    status: 500,
    code: 'internal_error',
    detail: 'Try again; the request id leads to it in the log.',
    instance: '/api/v1/admin',
    request_id: '01936f41-22ba-7b1c-8a2d-3e4f50617283',
  },
}
