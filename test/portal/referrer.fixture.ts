import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { foldCode } from '../../src/lib/code-text.ts'
import { parseEmail } from '../../src/lib/email.ts'
import { newId } from '../../src/lib/ids.ts'
import { parseUsername } from '../../src/lib/usernames.ts'
import { type Account, createAccount, createCode, inHours, type TestApp } from '../support/app.ts'
import { findRow, insertUsers } from '../support/rows.ts'
import { type Portal, reopen } from './harness.ts'

export const CODE = 'ANN-2027'
const HOUR = 3_600_000

type Status = 'pending' | 'confirmed' | 'review' | 'refused'
type Friend = [username: string | undefined, email: string, hoursAgo: number, status: Status]

// The last one is the newest.
const FRIENDS: Friend[] = [
  ['oliver.grant', 'oliver.grant@example.com', 27 * 24, 'confirmed'],
  ['priya.shah', 'priya@example.com', 24 * 24, 'confirmed'],
  [
    undefined,
    'the.very.long.address.of.lucas.moreau@department.example.com',
    19 * 24 + 3,
    'confirmed',
  ],
  ['мария.соколова', 'm.sokolova@example.com', 15 * 24, 'confirmed'],
  ['jan.kowalski', 'jan.kowalski@example.com', 12 * 24 + 7, 'refused'],
  ['hana.ito', 'hana@example.com', 9 * 24, 'confirmed'],
  ['sofia.rossi', 'sofia.rossi@example.com', 6 * 24 + 2, 'confirmed'],
  ['emma.fischer', 'emma.fischer@example.com', 101, 'pending'],
  ['tom.becker', 'tom.becker@example.com', 52, 'confirmed'],
  ['nadia.haddad', 'nadia@example.com', 26, 'review'],
  ['ben.okafor', 'ben.okafor@example.com', 5, 'pending'],
  ['clara.jensen', 'clara.jensen@example.com', 0.4, 'pending'],
]

/** Ann, who has had two codes before, twelve referrals and many clicks. */
export async function createReferrer(it: TestApp, username = 'ann.lee'): Promise<Account> {
  const names = { username, email: `${username}@example.com` }
  const ann = await createAccount(it, names)
  const suffix = username === 'ann.lee' ? '' : `-${username.toUpperCase().slice(-4)}`
  await insertEndedCode(it, ann, { code: `HELLO-ANN${suffix}`, hoursAgo: 4000, hours: 720 })
  await insertEndedCode(it, ann, { code: `K7M2QX9D${suffix}`, hoursAgo: 2600, hours: 900 })
  const code = await createCode(it, ann, { code: `${CODE}${suffix}`, expires_at: inHours(12 * 24) })
  await it.ctx.db
    .updateTable('referral_codes')
    .set({ created_at: ago(700) })
    .where('code_key', '=', foldCode(code))
    .execute()
  await insertFriends(it, code, suffix)
  await insertClicks(it, code, 148)
  return ann
}

/** Somebody with one code that ends after these hours. */
export async function createOwner(it: TestApp, hours: number): Promise<Account> {
  const owner = await createAccount(it)
  await createCode(it, owner, { expires_at: inHours(hours) })
  return owner
}

/** A code that was made that long ago for so many hours, and was retired at its end or before. */
export async function insertEndedCode(
  it: TestApp,
  owner: { id: string },
  { code, hoursAgo, hours }: { code: string; hoursAgo: number; hours: number },
): Promise<void> {
  const end = ago(hoursAgo - hours)
  const begin = { created_at: ago(hoursAgo), expiry_set_at: ago(hoursAgo) }
  const times = { ...begin, expires_at: end, retired_at: end }
  await it.ctx.db
    .insertInto('referral_codes')
    .values({ id: newId(), user_id: owner.id, code, code_key: foldCode(code), ...times })
    .execute()
}

async function insertFriends(it: TestApp, code: string, suffix: string): Promise<void> {
  const { db } = it.ctx
  const row = await findRow(it, code)
  const owner = await db
    .selectFrom('users')
    .select('seq')
    .where('id', '=', row.user_id)
    .executeTakeFirstOrThrow()
  for (const [username, address, hoursAgo, status] of FRIENDS) {
    const name = username && `${username}${suffix.toLowerCase()}`
    const email = suffix ? address.replace('@', `${suffix.toLowerCase()}@`) : address
    const email_key = parseEmail(email)!.key
    const named = name ? { username: name, username_key: parseUsername(name)!.key } : {}
    const [friend] = await insertUsers(it, 1, { email, email_key, ...named })
    const at = ago(hoursAgo)
    await db
      .insertInto('referrals')
      .values({
        user_id: friend!.id,
        user_seq: friend!.seq,
        referrer_id: row.user_id,
        referrer_seq: owner.seq,
        code_id: row.id,
        code_expires_at: row.expires_at,
        attributed_at: at,
        status,
        ...(status === 'confirmed' && { confirmed_at: new Date(at.getTime() + HOUR / 4) }),
        ...(status === 'review' && { reason: 'self_referral_device' }),
        ...(status === 'refused' && { reason: 'abuse', decided_at: ago(hoursAgo - 5) }),
      })
      .execute()
    await insertTouch(it, { code_id: row.id, user_id: friend!.id, at })
  }
}

function insertTouch(it: TestApp, touch: { code_id: string; user_id: string; at: Date }) {
  const at = new Date(touch.at.getTime() - HOUR / 5)
  return it.ctx.db
    .insertInto('referral_touches')
    .values({ ...touch, at, position: 1, rule: 'first_touch' })
    .execute()
}

async function insertClicks(it: TestApp, code: string, count: number): Promise<void> {
  const { id: code_id } = await findRow(it, code)
  const rows = Array.from({ length: count }, (_, n) => {
    const at = ago((n * 4.5) % 640)
    return { code_id, at, day: at.toISOString().slice(0, 10), visitor: randomBytes(16) }
  })
  await it.ctx.db.insertInto('clicks').values(rows).execute()
}

/** Made when it is first asked for, then the same. */
export function once<T>(work: (portal: Portal) => Promise<T>) {
  let made: Promise<T> | undefined
  return (portal: Portal) => (made ??= work(portal))
}

const ago = (hours: number) => new Date(Date.now() - hours * HOUR)

/** What the page is answered where the service fails. */
export const FAULT = {
  status: 500,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    status: 500,
    code: 'internal_error',
    title: 'Something went wrong on our side',
    detail: 'Try again; if it stays, tell us the request_id.',
    request_id: '01936f41-22ba-7b1c-8a2d-3e4f50617283',
  }),
}

/** Nothing of what the page asks for, but who is signed in, is answered as it should be. */
export async function answerAll(page: Page, answer: 'never' | 'fault'): Promise<void> {
  await reopen(page, /\/api\/v1\/(referrals|users\/me\/|auth\/sessions)/, (route) =>
    answer === 'fault' ? route.fulfill(FAULT) : undefined,
  )
}

/** As the browser tells the page when the network goes away. */
export const goOffline = (page: Page) =>
  page.evaluate(`Object.defineProperty(navigator, 'onLine', { value: false })
    dispatchEvent(new Event('offline'))`)
