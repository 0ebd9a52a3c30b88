import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  get,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { inTransaction } from '../context.ts'
import { newId } from '../lib/ids.ts'
import { hashPassword } from './passwords.ts'
import { insertSession, lockUser, revokeSessions, updatePassword } from './queries.ts'

const it = await startApp()
const AUTH = '/api/v1/auth'
const NEW_PASSWORD = 'seven quiet lanterns'

const revoke = (token: string) => post(it, `${AUTH}/revoke`, { token })
const end = (id: string, as: Account) =>
  send(it, { method: 'DELETE', url: `${AUTH}/sessions/${id}` }, as)
const changePassword = (as: Account, current_password: string, new_password: string) =>
  post(it, `${AUTH}/change-password`, { current_password, new_password }, as)

/** Signs an account in once more. */
async function signIn({ id, email }: Account, password = PASSWORD): Promise<Account> {
  const answer = await post(it, `${AUTH}/login`, { email, password })
  expect(answer.statusCode, answer.body).toBe(200)
  const tokens = answer.json()
  return { id, email, ...tokens, headers: { authorization: `Bearer ${tokens.access_token}` } }
}

async function sessionsOf(account: Account) {
  const answer = await get(it, `${AUTH}/sessions`, account)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().items as { id: string; is_current: boolean }[]
}

const currentOf = async (account: Account) =>
  (await sessionsOf(account)).find((session) => session.is_current)!.id

/** Whether the tokens of an account still do anything, looked at by a write, which never remembers. */
async function isSignedIn(account: Account): Promise<boolean> {
  const write = await end(newId(), account)
  expect([401, 404]).toContain(write.statusCode)
  return write.statusCode === 404
}

test('a refresh token or an access token signs its session out', async () => {
  const ann = await createAccount(it)
  const other = await signIn(ann)
  for (const [account, token] of [
    [ann, ann.refresh_token],
    [other, other.access_token],
  ] as const) {
    const answer = await revoke(token)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toBe('')
    expect(await isSignedIn(account)).toBe(false)
    const { refresh_token } = account
    const refreshed = await post(it, `${AUTH}/token`, {
      grant_type: 'refresh_token',
      refresh_token,
    })
    expect(refreshed.json().error).toBe('invalid_grant')
  }
})

test('signing out takes a form, a hint and a used token, and a second time is no error', async () => {
  const ann = await createAccount(it)
  const { refresh_token } = ann
  await post(it, `${AUTH}/token`, { grant_type: 'refresh_token', refresh_token })
  for (let time = 0; time < 2; time++) {
    const answer = await send(it, {
      method: 'POST',
      url: `${AUTH}/revoke`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: 'Basic Og==',
      },
      payload: new URLSearchParams({
        token: refresh_token,
        token_type_hint: 'access_token',
      }).toString(),
    })
    expect(answer.statusCode).toBe(200)
  }
  expect(await isSignedIn(ann)).toBe(false)
})

test('an unknown token is 200 and signs nobody out, a missing one is 400', async () => {
  const ann = await createAccount(it)
  const [head, number, proof] = ann.refresh_token.split('.')
  for (const token of [
    'x',
    '..',
    'a.b.c',
    `${head}.${number}.${proof}x`,
    `${head}.5.${proof}`,
    `${ann.access_token}x`,
    ann.access_token.replace(/\..*\./, '.e30.'),
    'a'.repeat(5000),
  ]) {
    expect((await revoke(token)).statusCode, token.slice(0, 80)).toBe(200)
  }
  expect(await isSignedIn(ann)).toBe(true)
  for (const body of [{}, { token: '' }, { token: 5 }, { token: null }]) {
    const answer = await post(it, `${AUTH}/revoke`, body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error).toBe('invalid_request')
  }
})

test('a person sees the devices signed in, newest first, and which one this is', async () => {
  const ann = await createAccount(it)
  await createAccount(it)
  const phone = await signIn(ann)
  const answer = await get(it, `${AUTH}/sessions`, phone)
  expect(answer.headers['cache-control']).toBe('no-store')
  const { items } = answer.json()
  expect(items).toHaveLength(2)
  expect(items[0]).toEqual({
    id: expect.any(String),
    client_id: 'invitree',
    user_agent: 'lightMyRequest',
    created_at: expect.stringMatching(/Z$/),
    used_at: expect.stringMatching(/Z$/),
    expires_at: expect.stringMatching(/Z$/),
    is_current: true,
  })
  expect(items[1]).toMatchObject({ is_current: false })
  expect(await sessionsOf(ann)).toMatchObject([{ is_current: false }, { is_current: true }])
})

test('one device is signed out by its id, with or without dashes, once', async () => {
  const ann = await createAccount(it)
  const [phone, tablet] = [await signIn(ann), await signIn(ann)]
  const id = await currentOf(phone)
  expect((await end(id, ann)).statusCode).toBe(204)
  expect(await isSignedIn(phone)).toBe(false)
  expect((await end(id, ann)).json()).toMatchObject({ status: 404, code: 'session_not_found' })
  const plain = (await currentOf(tablet)).replaceAll('-', '').toUpperCase()
  expect((await end(plain, ann)).statusCode).toBe(204)
  expect(await isSignedIn(tablet)).toBe(false)
  expect((await end(await currentOf(ann), ann)).statusCode).toBe(204)
  expect(await isSignedIn(ann)).toBe(false)
})

test('a session of somebody else answers exactly as a missing one', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const expired = await signIn(bob)
  const ids = [await currentOf(bob), await currentOf(expired), newId(), 'x', '%00', ann.id, bob.id]
  await it.ctx.db
    .updateTable('sessions')
    .set({ expires_at: new Date() })
    .where('id', '=', ids[1]!)
    .execute()
  const answers = new Set<string>()
  for (const id of ids) {
    const answer = await end(id, ann)
    const headers = { ...answer.headers, date: '', 'x-request-id': '', 'content-length': '' }
    const body = {
      ...answer.json(),
      request_id: '',
      instance: answer.json().instance.replace(id, ''),
    }
    answers.add(JSON.stringify([answer.statusCode, headers, body]))
  }
  expect(answers.size).toBe(1)
  expect(await isSignedIn(bob)).toBe(true)
})

test('all other devices are signed out in one step, and nobody else', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const [phone, tablet] = [await signIn(ann), await signIn(ann)]
  const answer = await send(it, { method: 'DELETE', url: `${AUTH}/sessions` }, phone)
  expect(answer.statusCode).toBe(204)
  const signedIn = await Promise.all([ann, tablet, phone, bob].map(isSignedIn))
  expect(signedIn).toEqual([false, false, true, true])
  expect(await sessionsOf(phone)).toHaveLength(1)
})

test('a new password takes the old one out of use and ends every other session', async () => {
  const ann = await createAccount(it)
  const phone = await signIn(ann)
  const answer = await changePassword(ann, PASSWORD, NEW_PASSWORD)
  expect(answer.statusCode, answer.body).toBe(204)
  expect(await isSignedIn(phone)).toBe(false)
  expect(await isSignedIn(ann)).toBe(true)
  const old = await post(it, `${AUTH}/login`, { email: ann.email, password: PASSWORD })
  expect(old.statusCode).toBe(401)
  await signIn(ann, NEW_PASSWORD)
})

test('a password is not changed without the current one or to a weak one', async () => {
  const ann = await createAccount(it, { username: 'lighthouse' })
  const wrong = await changePassword(ann, 'not the password', NEW_PASSWORD)
  expect(wrong.json()).toMatchObject({
    status: 401,
    code: 'wrong_password',
    errors: [{ pointer: '/current_password' }],
  })
  for (const [password, code] of [
    ['password1', 'weak_password'],
    ['lighthouse', 'weak_password'],
    [ann.email, 'weak_password'],
    ['short', 'too_short'],
    ['🔥'.repeat(129), 'too_long'],
  ] as const) {
    const weak = await changePassword(ann, PASSWORD, password)
    expect(weak.json(), password).toMatchObject({
      status: 422,
      errors: [{ pointer: '/new_password', code }],
    })
  }
  const anonymous = await post(it, `${AUTH}/change-password`, {
    current_password: PASSWORD,
    new_password: NEW_PASSWORD,
  })
  expect(anonymous.json()).toMatchObject({ status: 401, code: 'unauthorized' })
  await signIn(ann)
})

test('of two changes at once with the same current password one wins', async () => {
  const ann = await createAccount(it)
  const devices = await Promise.all([1, 2, 3, 4].map(() => signIn(ann)))
  const passwords = devices.map((_, i) => `${NEW_PASSWORD} ${i}`)
  const answers = await Promise.all(
    devices.map((device, i) => changePassword(device, PASSWORD, passwords[i]!)),
  )
  const statuses = answers.map((answer) => answer.statusCode)
  const winner = statuses.indexOf(204)
  expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 401, 401, 401])
  expect(await Promise.all(devices.map(isSignedIn))).toEqual(devices.map((_, i) => i === winner))
  await signIn(ann, passwords[winner])
})

test('a sign-in that races with a new password leaves no session made with the old one', async () => {
  for (let round = 0; round < 12; round++) {
    const ann = await createAccount(it)
    const { email } = ann
    const logins = [1, 2, 3, 4].map(() => post(it, `${AUTH}/login`, { email, password: PASSWORD }))
    const change = changePassword(ann, PASSWORD, NEW_PASSWORD)
    const later = [1, 2, 3, 4].map(() => post(it, `${AUTH}/login`, { email, password: PASSWORD }))
    expect((await change).statusCode).toBe(204)
    for (const answer of await Promise.all([...logins, ...later])) {
      expect([200, 401]).toContain(answer.statusCode)
    }
    expect(await sessionsOf(ann)).toHaveLength(1)
  }
})

test('a sign-in with the old password waits for the change that is being saved, and is refused', async () => {
  const { id, email } = await createAccount(it)
  const password_hash = await hashPassword(NEW_PASSWORD)
  const { login } = await inTransaction(it.ctx, async (ctx) => {
    await lockUser(ctx.db, id)
    await updatePassword(ctx.db, id, password_hash)
    const login = post(it, `${AUTH}/login`, { email, password: PASSWORD })
    await Promise.race([login, sleep(300)])
    await revokeSessions(ctx.db, { userId: id })
    return { login }
  })
  expect((await login).statusCode).toBe(401)
})

test('a session of the longest life is opened also where clocks go forward in its days', async () => {
  const { id: user_id } = await createAccount(it)
  const values = { id: newId(), user_id, client_id: 'portal', user_agent: '' }
  const inTenDays = (dayOfYear(new Date()) + 10) % 365
  await it.ctx.db.transaction().execute(async (db) => {
    // A zone of our own, for the real ones do so in other months.
    const zone = `AAA0BBB,J${inTenDays + 1}/0,J${((inTenDays + 60) % 365) + 1}/0`
    await sql`select set_config('timezone', ${zone}, true)`.execute(db)
    expect(await insertSession(db, values, 30 * 86_400)).toMatchObject({ id: values.id })
  })
})

const dayOfYear = (date: Date) =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)
