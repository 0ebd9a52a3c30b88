import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { inHours, PASSWORD, startApp } from '../support/app.ts'

// What the service is for, from outside: real requests to a real port.
const it = await startApp()
await it.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = it.app.server.address() as AddressInfo
const API = `http://127.0.0.1:${port}/api/v1`

interface Ask {
  method?: string
  body?: object
  token?: string
}

async function ask(path: string, { method, body, token }: Ask = {}) {
  const response = await fetch(API + path, {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

const register = (name: string, referral_code?: string) =>
  ask('/auth/register', {
    body: {
      email: `${name}@example.com`,
      username: name,
      password: PASSWORD,
      ...(referral_code && { referral_code }),
    },
  })

/** Signs in as the Authorize button of Swagger UI does when no client is filled in. */
async function authorize(username: string): Promise<string> {
  const response = await fetch(`${API}/auth/token`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/plain, */*',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: 'Basic Og==',
      'x-requested-with': 'XMLHttpRequest',
    },
    body: new URLSearchParams({ grant_type: 'password', username, password: PASSWORD }),
  })
  expect(response.status).toBe(200)
  const { access_token, token_type } = (await response.json()) as Record<string, string>
  expect(token_type).toBe('Bearer')
  return access_token!
}

test('a referrer invites a friend, sees them come, and takes the code out of use', async () => {
  const ann = await register('ann')
  expect(ann.status).toBe(201)
  expect(ann.body).toMatchObject({ email: 'ann@example.com', username: 'ann', referred_by: null })
  const token = await authorize('ann@example.com')

  expect((await ask('/referrals/code', { token })).status).toBe(404)
  const expires_at = inHours(72)
  const created = await ask('/referrals/code', { token, body: { expires_at } })
  expect(created.status).toBe(201)
  expect(created.headers.get('location')).toContain(created.body.code)
  expect(created.body).toMatchObject({ user_id: ann.body.id, expires_at, is_active: true, uses: 0 })
  const { code } = created.body as { code: string }
  const again = await ask('/referrals/code', { token, body: { expires_at } })
  expect(again.body).toMatchObject({ status: 409, code: 'active_code_exists' })

  const lookUp = () => ask('/referrals/code-by-email?email=Ann%40Example.com')
  const found = await lookUp()
  expect(found.status).toBe(200)
  expect(found.body).toMatchObject({ code, expires_at, is_active: true })
  expect(found.body).not.toHaveProperty('user_id')

  const bob = await register('bob', code.toLowerCase())
  expect(bob.status).toBe(201)
  expect(bob.body.referred_by).toEqual({ name: 'ann', code })

  const seen = await ask(`/users/${ann.body.id}/referrals`, { token })
  expect(seen.body).toMatchObject({ total: 1, page: 1, pages: 1, next_cursor: null })
  expect(seen.body.items).toMatchObject([
    { id: bob.body.id, email: 'bob@example.com', username: 'bob', code, status: 'pending' },
  ])
  expect((await ask('/users/me/referrals/summary', { token })).body).toMatchObject({
    registrations: 1,
    confirmed: 0,
  })
  expect((await ask('/referrals/code', { token })).body).toMatchObject({ code, uses: 1 })
  const stranger = await authorize('bob')
  expect((await ask(`/users/${ann.body.id}/referrals`, { token: stranger })).status).toBe(404)

  expect((await ask('/referrals/code', { token, method: 'DELETE' })).status).toBe(204)
  expect((await lookUp()).body).toMatchObject({ status: 404, code: 'code_not_found' })
  const carol = await register('carol', code)
  expect(carol.body).toMatchObject({ status: 422, code: 'referral_code_retired' })
  expect((await register('carol')).status).toBe(201)
  const history = await ask('/referrals/codes', { token })
  expect(history.body.items).toMatchObject([{ code, is_active: false, uses: 1 }])
  expect((await ask('/users/me/referrals', { token })).body.total).toBe(1)
})
