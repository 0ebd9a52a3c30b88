import { expect } from 'vitest'
import openapi from '../openapi.json' with { type: 'json' }
import { countTree } from '../src/admin/referrals/tree.ts'
import { remindOwners } from '../src/codes/service.ts'
import { deleteOld } from '../src/privacy/retention.ts'
import { mergeFigures } from '../src/referrals/summary/service.ts'
import { PASSWORD, post, send, type TestApp } from './support/app.ts'
import { tokenIn, waitForMail } from './support/mail.ts'

type Headers = Record<string, string>

/** The people of a seeded installation by whose names it is asked. */
export interface Known {
  referrer: string
  admin: string
}

/** Reads and changes everything that the document has, and lets the jobs of it be done. */
export async function askEverything(it: TestApp, { referrer, admin }: Known): Promise<void> {
  const [headers, adminHeaders] = [await signIn(it, referrer), await signIn(it, admin)]
  const me = (await send(it, { url: '/api/v1/users/me', headers })).json()
  const { code } = (await send(it, { url: '/api/v1/referrals/code', headers })).json()
  await changeEverything(it, { id: me.id, code, headers, adminHeaders })
  const list = (await send(it, { url: '/api/v1/users/me/referrals?size=1', headers })).json()
  const named: Record<string, string> = {
    code,
    user_id: me.id,
    id: list.items[0].id,
    email: referrer,
    q: 'anna',
    cursor: list.next_cursor,
    referrer_id: me.id,
    actor_id: me.id,
  }
  await readEverything(it, named, [headers, adminHeaders])
  for (const job of [remindOwners, mergeFigures, countTree, deleteOld]) await job(it.ctx)
}

async function signIn(it: TestApp, email: string): Promise<Headers> {
  const signedIn = await post(it, '/api/v1/auth/login', { email, password: PASSWORD })
  return { authorization: `Bearer ${signedIn.json().access_token}` }
}

const DAY_MS = 86_400_000
const TIMES: Record<string, string> = {
  created_from: new Date(Date.now() - DAY_MS).toISOString(),
  created_to: new Date().toISOString(),
}

interface Get {
  parameters?: {
    in: string
    name: string
    example?: unknown
    schema: { enum?: string[]; default?: unknown }
  }[]
}

async function readEverything(it: TestApp, named: Record<string, string>, readers: Headers[]) {
  for (const [path, { get }] of Object.entries(openapi.paths as Record<string, { get?: Get }>)) {
    if (!get) continue
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? 'none')
    const inQuery = (get.parameters ?? []).filter((one) => one.in === 'query')
    const required = inQuery
      .filter(({ name }) => name === 'email')
      .map(({ name }) => `${name}=${named[name]}`)
    const variants = inQuery.flatMap(({ name, schema, example }) => {
      const value = named[name] ?? schema.enum?.[0] ?? schema.default ?? example ?? TIMES[name]
      return value === undefined ? [] : [`${name}=${encodeURIComponent(value as string | number)}`]
    })
    for (const query of [[], ...variants.map((one) => [one])]) {
      const asked = [...required.slice(query.length), ...query].join('&')
      for (const headers of readers) await send(it, { url: `${url}?${asked}`, headers })
    }
  }
}

interface Referrer {
  id: string
  code: string
  headers: Headers
  adminHeaders: Headers
}

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/140.0', accept: 'text/html' }
const ORIGIN = { origin: 'http://localhost:8000' }
// The first administrator is there, and no job has failed.
const NOT_ASKED = ['POST /api/v1/setup', 'POST /api/v1/admin/jobs/{id}/retry']

/** Each change that the document has is made once, and succeeds. */
async function changeEverything(it: TestApp, referrer: Referrer): Promise<void> {
  const asked = new Set<string>(NOT_ASKED)
  /** Such as `ask('DELETE /api/v1/users/me', { headers })`. */
  async function ask(operation: string, { path = {}, ...request }: Request = {}) {
    asked.add(operation)
    const [method, template = ''] = operation.split(' ')
    const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '')
    const answer = await send(it, { method: method as 'POST', url, ...request })
    expect(answer.statusCode, `${operation}: ${answer.body}`).toBeLessThan(300)
    return answer
  }
  const friend = await joinByLink(it, ask, referrer)
  await useSessions(it, ask, friend)
  await recover(it, ask, friend)
  await useCodes(ask, referrer)
  await administer(ask, friend, referrer)
  const headers = await signIn(it, friend.email)
  await ask('DELETE /api/v1/users/me', { headers })
  expect(changes().filter((change) => !asked.has(change))).toEqual([])
}

interface Request {
  path?: Record<string, string>
  headers?: Headers
  payload?: object | string
}
type Ask = (operation: string, request?: Request) => Promise<Awaited<ReturnType<typeof send>>>

interface Friend {
  id: string
  email: string
  headers: Headers
}

const changes = () =>
  Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'get')
      .map((method) => `${method.toUpperCase()} ${path}`),
  )

async function joinByLink(it: TestApp, ask: Ask, { code }: Referrer): Promise<Friend> {
  const opened = await send(it, { method: 'GET', url: `/r/${code}`, headers: BROWSER })
  const cookie = String(opened.headers['set-cookie']).split(';')[0]!
  const email = 'planned@example.com'
  const payload = { email, password: PASSWORD, referral_code: code }
  const joined = await ask('POST /api/v1/auth/register', {
    payload,
    headers: { cookie, 'idempotency-key': 'of the test' },
  })
  const headers = await signIn(it, email)
  // The newest link voids older ones: only the mail that was asked for has one that works.
  const first = await waitForMail(it, email, 'Confirm')
  await ask('POST /api/v1/auth/verify-email/resend', { headers })
  const newest = () => waitForMail(it, email, 'Confirm')
  await expect.poll(newest).not.toBe(first)
  await ask('POST /api/v1/auth/verify-email', { payload: { token: tokenIn(await newest()) } })
  await waitForMail(it, email, 'Welcome')
  return { id: joined.json().id, email, headers }
}

async function useSessions(it: TestApp, ask: Ask, { email, headers }: Friend): Promise<void> {
  const credentials = { email, password: PASSWORD }
  await ask('PATCH /api/v1/users/me', { headers, payload: { name: 'Ann', username: 'planned' } })
  const tokens = (await ask('POST /api/v1/auth/login', { payload: credentials })).json()
  const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  const renewed = (await ask('POST /api/v1/auth/token', { payload: renewal })).json()
  await ask('POST /api/v1/auth/revoke', { payload: { token: renewed.refresh_token } })
  const opened = await ask('POST /api/v1/auth/session', { payload: credentials, headers: ORIGIN })
  const cookie = [opened.headers['set-cookie']].flat().join('; ')
  await ask('PUT /api/v1/auth/session', { headers: { ...ORIGIN, cookie } })
  await ask('DELETE /api/v1/auth/session', { headers: { ...ORIGIN, cookie } })
  await signIn(it, email)
  const { items } = (await send(it, { url: '/api/v1/auth/sessions', headers })).json()
  const { id } = items.find((session: { current: boolean }) => !session.current)
  await ask('DELETE /api/v1/auth/sessions/{id}', { headers, path: { id } })
  await ask('DELETE /api/v1/auth/sessions', { headers })
}

async function recover(it: TestApp, ask: Ask, { email }: Friend): Promise<void> {
  const other = 'eleven loud lanterns'
  await ask('POST /api/v1/auth/reset-password', { payload: { email } })
  const token = tokenIn(await waitForMail(it, email, 'Set a new password'))
  await ask('POST /api/v1/auth/reset-password/confirm', { payload: { token, password: other } })
  const signedIn = await post(it, '/api/v1/auth/login', { email, password: other })
  const headers = { authorization: `Bearer ${signedIn.json().access_token}` }
  const payload = { current_password: other, new_password: PASSWORD }
  await ask('POST /api/v1/auth/change-password', { headers, payload })
}

async function useCodes(ask: Ask, { headers, adminHeaders }: Referrer): Promise<void> {
  const payload = { expires_at: new Date(Date.now() + DAY_MS).toISOString() }
  await ask('PATCH /api/v1/referrals/code', { headers, payload })
  await ask('PUT /api/v1/referrals/code', { headers, payload })
  await ask('DELETE /api/v1/referrals/code', { headers })
  const create = 'POST /api/v1/referrals/code'
  const { code } = (await ask(create, { headers, payload })).json()
  await ask('DELETE /api/v1/referrals/codes/{code}', { headers, path: { code } })
  const path = { code: (await ask(create, { headers, payload })).json().code as string }
  await ask('PATCH /api/v1/admin/codes/{code}', { headers: adminHeaders, path, payload })
  await ask('DELETE /api/v1/admin/codes/{code}', { headers: adminHeaders, path })
}

async function administer(ask: Ask, { id }: Friend, { adminHeaders: headers }: Referrer) {
  const of = { headers, path: { user_id: id } }
  const refusal = { payload: { reason: 'abuse' } }
  await ask('POST /api/v1/admin/referrals/{user_id}/refuse', { ...of, ...refusal })
  await ask('POST /api/v1/admin/referrals/{user_id}/confirm', of)
  await ask('PATCH /api/v1/admin/users/{user_id}', { ...of, payload: { role: 'admin' } })
  await ask('PATCH /api/v1/admin/users/{user_id}', { ...of, payload: { role: 'user' } })
  await ask('POST /api/v1/admin/users/{user_id}/block', { ...of, payload: { reason: 'a test' } })
  await ask('POST /api/v1/admin/users/{user_id}/unblock', of)
  await ask('POST /api/v1/admin/users/{user_id}/reset-password', of)
  await ask('DELETE /api/v1/admin/users/{user_id}/sessions', of)
  const invited = { headers, payload: { email: 'invited@example.com' } }
  const { id: user_id } = (await ask('POST /api/v1/admin/users/invite', invited)).json()
  await ask('DELETE /api/v1/admin/users/{user_id}', { headers, path: { user_id } })
  await ask('POST /api/v1/admin/mail/test', { headers })
}
