import type { LightMyRequestResponse } from 'fastify'
import { expect, test } from 'vitest'
import { type Account, createAccount, PASSWORD, send, startApp } from '../../test/support/app.ts'
import { tokenIn, waitForMail } from '../../test/support/mail.ts'
import { newId } from '../lib/ids.ts'

const it = await startApp({ RATE_LIMITS: 'on' }, { worker: true })
const AUTH = '/api/v1/auth'
const OTHER_PASSWORD = 'seven quiet lanterns'

interface Given {
  password?: string
  cookie?: string | undefined
  address?: string
}

const signIn = (login: string, { password = PASSWORD, cookie, address = '127.0.0.1' }: Given) =>
  send(it, {
    method: 'POST',
    url: `${AUTH}/login`,
    remoteAddress: address,
    payload: { username: login, password },
    headers: cookie === undefined ? {} : { cookie },
  })
const wrong = (login: string, given: Given = {}) =>
  signIn(login, { ...given, password: 'not the password' })

const cookieOf = ({ headers }: LightMyRequestResponse) =>
  String(headers['set-cookie']).split(';')[0]!

/** Fails to sign in until it has to wait, however slow the machine is; returns the budget that refused. */
async function lockOut(login: string, given: Given = {}): Promise<string> {
  for (let count = 0; count < 100; count++) {
    const { statusCode, headers } = await wrong(login, given)
    const [, policy] = String(headers['ratelimit-policy']).match(/"(login\w*)"/) ?? []
    if (statusCode === 429) return policy ?? 'none'
  }
  throw new Error(`${login} never has to wait`)
}

async function withDevice(): Promise<Account & { cookie: string }> {
  const account = await createAccount(it)
  return { ...account, cookie: cookieOf(await signIn(account.email, {})) }
}

test('a thousand failures of others do not delay the device that signed in before', async () => {
  const { email, cookie } = await withDevice()
  for (let count = 0; count < 1000; count++) await wrong(email)
  expect(await lockOut(email)).toBe('login')
  expect((await signIn(email, { cookie })).statusCode).toBe(200)
  // Its success forgives the others nothing.
  expect(await it.ctx.limits.take('login', email)).toMatchObject({ remaining: 0 })
})

test('nor do failures from its own address', async () => {
  const address = '203.0.113.7'
  const { email, cookie } = await withDevice()
  for (let count = 0; count < 30; count++) await wrong(`${newId()}@example.com`, { address })
  expect((await signIn(email, { address })).statusCode).toBe(429)
  expect((await signIn(email, { address, cookie })).statusCode).toBe(200)
})

test('by either name, by the token endpoint, and again with the newest cookie', async () => {
  const username = `u${newId().slice(-12)}`
  const { email } = await createAccount(it, { username })
  let cookie = cookieOf(await signIn(email, {}))
  await lockOut(email)
  await lockOut(username)
  for (const login of [email, username, email.toUpperCase()]) {
    const answer = await signIn(login, { cookie: `theme=dark; ${cookie}; lang=en` })
    expect(answer.statusCode).toBe(200)
    cookie = cookieOf(answer)
  }
  const granted = await send(it, {
    method: 'POST',
    url: `${AUTH}/token`,
    payload: { username, password: PASSWORD },
    headers: { cookie },
  })
  expect(granted.statusCode).toBe(200)
  expect(cookieOf(granted)).toMatch(/^invitree_device=/)
})

test('the budget of a known device is limited too, of many at once as well, and is its own', async () => {
  const { email, cookie } = await withDevice()
  const other = cookieOf(await signIn(email, {}))
  const found = await Promise.all(Array.from({ length: 30 }, () => wrong(email, { cookie })))
  expect(found.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5)
  expect(await lockOut(email, { cookie })).toBe('login_device')
  expect((await signIn(email, { cookie: other })).statusCode).toBe(200)
  // A device keeps its budget whatever cookie it was given last.
  expect((await signIn(email, {})).statusCode).toBe(200)
})

test('a device is known to the user who signed in on it, and to nobody else', async () => {
  const [ann, bob] = [await withDevice(), await withDevice()]
  for (const login of [bob.email, `${newId()}@example.com`]) {
    expect(await lockOut(login, { cookie: ann.cookie })).toBe('login')
  }
  expect(await lockOut(ann.email, { cookie: ann.cookie })).toBe('login_device')
})

test('a cookie that was made up or changed is worth nothing', async () => {
  const { email, cookie } = await withDevice()
  await lockOut(email)
  const [name, value = ''] = cookie.split('=')
  const [id, owner, proof] = value.split('.')
  const other = cookieOf(await signIn((await createAccount(it)).email, {})).split(/[=.]/)
  for (const forged of [
    '',
    'x',
    '..',
    `${id}.${owner}.`,
    `${id}.${owner}.${proof}.${proof}`,
    `${id}x.${owner}.${proof}`,
    `${other[1]}.${owner}.${proof}`,
    `${other[1]}.${owner}.${other[3]}`,
    `${id}.${owner}.${proof}`.repeat(20),
  ]) {
    expect(await lockOut(email, { cookie: `${name}=${forged}` }), forged).toBe('login')
  }
  expect((await signIn(email, { cookie })).statusCode).toBe(200)
})

test('the cookie is for the browser alone and names nobody', async () => {
  const { email, id } = await createAccount(it)
  const given = String((await signIn(email, {})).headers['set-cookie'])
  expect(given).toMatch(
    /^invitree_device=[\w-]{22}\.[\w-]{43}\.[\w-]{43}; Path=\/api\/v1\/auth; Max-Age=34560000; HttpOnly; SameSite=Strict$/,
  )
  expect(given).not.toContain(id)
  expect((await wrong(email)).headers['set-cookie']).toBeUndefined()
  const https = await startApp({ PUBLIC_URL: 'https://invitree.example' })
  const ann = await createAccount(https)
  const payload = { email: ann.email, password: PASSWORD }
  const answer = await send(https, { method: 'POST', url: `${AUTH}/login`, payload })
  expect(answer.headers['set-cookie']).toMatch(/; Secure$/)
})

test('a new password voids the devices of the old one; the one that set it is known at once', async () => {
  const { email, cookie, headers } = await withDevice()
  const changed = await send(it, {
    method: 'POST',
    url: `${AUTH}/change-password`,
    payload: { current_password: PASSWORD, new_password: OTHER_PASSWORD },
    headers,
  })
  expect(changed.statusCode).toBe(204)
  expect(await lockOut(email, { cookie })).toBe('login')
  const fresh = cookieOf(changed)
  expect((await signIn(email, { cookie: fresh, password: OTHER_PASSWORD })).statusCode).toBe(200)
})

test('whoever set the password by a mailed link is not locked out after it', async () => {
  const { email } = await createAccount(it)
  const post = (url: string, payload: object) => send(it, { method: 'POST', url, payload })
  await post(`${AUTH}/reset-password`, { email })
  const token = tokenIn(await waitForMail(it, email, 'password'))
  const set = await post(`${AUTH}/reset-password/confirm`, { token, password: OTHER_PASSWORD })
  expect(set.statusCode).toBe(204)
  const cookie = cookieOf(set)
  await lockOut(email)
  expect((await signIn(email, { cookie, password: OTHER_PASSWORD })).statusCode).toBe(200)
})

test('typing the id of a user does not lock them out of changing their password', async () => {
  const { id, headers } = await createAccount(it)
  await lockOut(id)
  const changed = await send(it, {
    method: 'POST',
    url: `${AUTH}/change-password`,
    payload: { current_password: PASSWORD, new_password: OTHER_PASSWORD },
    headers,
  })
  expect(changed.statusCode).toBe(204)
})
