import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { findBroken } from '../../test/support/rows.ts'
import { newId } from '../lib/ids.ts'
import { writeEmailToken } from '../recovery/email-tokens.ts'
import { openEmailToken } from '../recovery/queries.ts'
import { eraseUser } from './queries.ts'

const it = await startApp({}, { worker: true })
const me = '/api/v1/users/me'
const erase = (account: Account) => send(it, { method: 'DELETE', url: me }, account)
const login = ({ email }: Account) => post(it, '/api/v1/auth/login', { email, password: PASSWORD })

/** A link to set a password or confirm the address, as a mail carries it. */
async function openLink(userId: string, purpose: 'verify' | 'reset'): Promise<string> {
  const id = newId()
  await openEmailToken(it.ctx.db, { id, userId, purpose, lifetimeMs: 60_000 })
  return writeEmailToken(it.ctx, purpose, id)
}

const openLinksOf = (userId: string) =>
  it.ctx.db
    .selectFrom('email_tokens')
    .select('id')
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()

test('a link that was mailed before the erasure opens nothing after it', async () => {
  const ann = await createAccount(it)
  const token = await openLink(ann.id, 'reset')
  expect(await openLinksOf(ann.id)).not.toEqual([])
  await erase(ann)
  expect(await openLinksOf(ann.id)).toEqual([])
  const reset = { token, password: 'another horse battery' }
  const answer = await post(it, '/api/v1/auth/reset-password/confirm', reset)
  expect(answer.json().code).toBe('link_expired')
})

test('a link is not opened for somebody who is being erased', async () => {
  const ann = await createAccount(it)
  const { opening } = await it.ctx.db.transaction().execute(async (db) => {
    await eraseUser(db, ann.id)
    await db
      .updateTable('sessions')
      .set({ revoked_at: sql`clock_timestamp()`, user_agent: '', client_id: '' })
      .where('user_id', '=', ann.id)
      .execute()
    await db.deleteFrom('email_tokens').where('user_id', '=', ann.id).execute()
    const opening = openLink(ann.id, 'reset')
    await sleep(100)
    return { opening }
  })
  await opening
  expect(await openLinksOf(ann.id)).toEqual([])
})

test('whatever runs beside an erasure, the invariants hold and nothing fails', async () => {
  const accounts = await Promise.all(Array.from({ length: 6 }, () => createAccount(it)))
  const statuses = await Promise.all(
    accounts.map(async (account, n) => {
      const referral_code = await createCode(it, account)
      const person = { password: PASSWORD, referral_code }
      const keyed = { ...account.headers, 'idempotency-key': newId() }
      const expires_at = inHours(5)
      const token = await openLink(account.id, 'verify')
      const reset = await openLink(account.id, 'reset')
      const asked = { grant_type: 'refresh_token', refresh_token: account.refresh_token }
      const answers = await Promise.all([
        login(account),
        post(it, '/api/v1/auth/register', { ...person, email: `${newId()}@example.com` }),
        post(it, '/api/v1/auth/token', asked),
        send(
          it,
          { method: 'PUT', url: '/api/v1/referrals/code', payload: { expires_at } },
          account,
        ),
        n % 2 ? post(it, '/api/v1/auth/reset-password', { email: account.email }) : get(it, me),
        erase(account),
        erase(account),
        send(it, { method: 'PATCH', url: me, payload: { username: `race-${n}` } }, account),
        send(it, {
          method: 'POST',
          url: '/api/v1/referrals/code',
          payload: { expires_at },
          headers: keyed,
        }),
        get(it, `${me}/export`, account),
        post(it, '/api/v1/auth/verify-email', { token }),
        post(it, '/api/v1/auth/reset-password/confirm', { token: reset, password: `${PASSWORD}!` }),
      ])
      return answers.map(({ statusCode }) => statusCode)
    }),
  )
  expect(statuses.flat().filter((status) => status >= 500)).toEqual([])
  // Whichever of two erasures and a new password comes first ends the session and the link of the others.
  for (const each of statuses) {
    expect([each[5], each[6], each.at(-1)].filter((status) => status === 204)).toHaveLength(1)
  }
  expect(await findBroken(it)).toEqual([])
})
