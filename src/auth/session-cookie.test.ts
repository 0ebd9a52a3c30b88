import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  get,
  PASSWORD,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'

const ADDRESS = '/api/v1/auth/session'
const it = await startApp()
const OWN = { origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' }

describe('signing in from a page', () => {
  test('answers no refresh token: it is a cookie for this path alone, out of reach of scripts', async () => {
    const ann = await createAccount(it)
    const answer = await open(it, ann)
    expect(answer.statusCode).toBe(200)
    expect(Object.keys(answer.json()).toSorted()).toEqual([
      'access_token',
      'expires_in',
      'scope',
      'token_type',
    ])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(cookieOf(answer)).toMatchObject({
      name: 'invitree_session',
      httpOnly: true,
      sameSite: 'Strict',
      path: ADDRESS,
    })
    expect(cookieOf(answer)).not.toHaveProperty('secure')
    const sessions = await get(it, '/api/v1/auth/sessions', signedInBy(answer))
    expect(sessions.json().items).toContainEqual(
      expect.objectContaining({ client_id: 'portal', is_current: true }),
    )
  })

  test('over https the cookie is for https alone, and its name says so', async () => {
    const https = await startApp({ PUBLIC_URL: 'https://referrals.example.com' })
    const ann = await createAccount(https)
    const answer = await open(https, ann, { origin: 'https://referrals.example.com' })
    expect(cookieOf(answer)).toMatchObject({ name: '__Secure-invitree_session', secure: true })
  })

  test('is refused for wrong sign-in data, and sets nothing', async () => {
    const ann = await createAccount(it)
    const answer = await open(it, { ...ann, password: 'wrong' })
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid_credentials'])
    expect(cookieOf(answer)).toBeUndefined()
  })

  test('is limited as any other sign-in', async () => {
    const limited = await startApp({ RATE_LIMITS: 'on' })
    const ann = await createAccount(limited)
    for (let n = 0; n < 6; n++) await open(limited, { ...ann, password: 'wrong' })
    expect((await open(limited, ann)).json().code).toBe('rate_limited')
  })
})

describe('staying signed in', () => {
  test('changes the cookie for its successor and answers a new access token', async () => {
    const opened = await open(it, await createAccount(it))
    const renewed = await renew(cookieOf(opened)?.value)
    expect(renewed.statusCode).toBe(200)
    expect(renewed.json().refresh_token).toBeUndefined()
    expect(cookieOf(renewed)?.value).not.toBe(cookieOf(opened)?.value)
    const me = await get(it, '/api/v1/users/me', signedInBy(renewed))
    expect(me.statusCode).toBe(200)
  })

  test('tabs that ask at once get the same successor, and stay signed in', async () => {
    const opened = await open(it, await createAccount(it))
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => renew(cookieOf(opened)?.value)),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200))
    const successors = new Set(answers.map((answer) => cookieOf(answer)?.value))
    expect(successors.size).toBe(1)
    expect((await renew([...successors][0])).statusCode).toBe(200)
  })

  test.each([
    ['none', undefined],
    ['nonsense', 'nonsense'],
  ])('with %s one is told to sign in, and the cookie goes', async (_, token) => {
    const answer = await renew(token)
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'session_ended'])
    expect(cookieOf(answer)?.value).toBe('')
  })

  test('a cookie that was used long before ends the session', async () => {
    const opened = await open(it, await createAccount(it))
    const first = cookieOf(opened)?.value
    const second = cookieOf(await renew(first))?.value
    const third = cookieOf(await renew(second))?.value
    expect((await renew(first)).json().code).toBe('session_ended')
    expect((await renew(third)).json().code).toBe('session_ended')
  })
})

test('signing out ends the session and clears the cookie; without one it does nothing', async () => {
  const opened = await open(it, await createAccount(it))
  const token = cookieOf(opened)?.value
  const out = await close(token)
  expect(out.statusCode).toBe(204)
  expect(cookieOf(out)?.value).toBe('')
  expect((await renew(token)).statusCode).toBe(401)
  expect((await close(undefined)).statusCode).toBe(204)
})

describe('pages of others', () => {
  const FOREIGN = [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:8000', 'sec-fetch-site': 'same-site' },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
    { origin: 'http://localhost:8000.evil.example' },
    { origin: 'https://localhost:8000' },
    {},
  ]

  test.each(FOREIGN)('are refused before anything is looked at: %o', async (headers) => {
    const ann = await createAccount(it)
    const opened = await open(it, ann)
    const token = cookieOf(opened)?.value
    const answers = [
      await open(it, ann, headers),
      await renew(token, headers),
      await close(token, headers),
    ]
    for (const answer of answers) {
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'foreign_origin'])
      expect(cookieOf(answer)).toBeUndefined()
    }
    expect((await renew(token)).statusCode).toBe(200)
  })

  test('the address that was asked is our own, whatever PUBLIC_URL says', async () => {
    const ann = await createAccount(it)
    const asked = { host: '127.0.0.1:4321', origin: 'http://127.0.0.1:4321' }
    expect((await open(it, ann, asked)).statusCode).toBe(200)
  })
})

function open(
  { app }: TestApp,
  { email, password = PASSWORD }: { email: string; password?: string },
  headers: Record<string, string> = OWN,
) {
  return app.inject({ method: 'POST', url: ADDRESS, payload: { email, password }, headers })
}

const renew = (token: string | undefined, headers: Record<string, string> = OWN) =>
  it.app.inject({ method: 'PUT', url: ADDRESS, headers, cookies: cookies(token) })

const close = (token: string | undefined, headers: Record<string, string> = OWN) =>
  it.app.inject({ method: 'DELETE', url: ADDRESS, headers, cookies: cookies(token) })

const cookies = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { invitree_session: token }

const cookieOf = ({ cookies }: LightMyRequestResponse) =>
  cookies.find(({ name }) => name.endsWith('invitree_session'))

function signedInBy(answer: LightMyRequestResponse): Account {
  const { access_token } = answer.json()
  const headers = { authorization: `Bearer ${access_token}` }
  return { id: '', email: '', refresh_token: '', access_token, headers }
}
