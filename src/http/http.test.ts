import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createAccount, get, post, send, startApp } from '../../test/support/app.ts'

const it = await startApp()

test('an unknown path is a JSON 404 that leads to the documentation', async () => {
  const response = await get(it, '/api/v1/nothing')
  expect(response.json()).toMatchObject({
    status: 404,
    code: 'not_found',
    instance: '/api/v1/nothing',
  })
  expect(response.json().type).toBe('http://localhost:8000/docs/errors#not_found')
})

test('a method that a path does not have is 405 with those it has', async () => {
  const response = await get(it, '/api/v1/auth/register')
  expect(response.statusCode).toBe(405)
  expect(response.headers['allow']).toBe('POST, OPTIONS')
})

test('OPTIONS answers 204 with the methods, HEAD is wherever GET is', async () => {
  const options = await send(it, { method: 'OPTIONS', url: '/api/v1/referrals/code' })
  expect(options.statusCode).toBe(204)
  expect(options.headers['allow']).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  const head = await send(it, { method: 'HEAD', url: '/healthz' })
  expect([head.statusCode, head.body]).toEqual([200, ''])
})

test('a trailing slash is tolerated without a redirect', async () => {
  const ann = await createAccount(it)
  expect((await get(it, '/api/v1/users/me/', ann)).statusCode).toBe(200)
})

test('a well-formed request id comes back in header, problem and log; another is replaced', async () => {
  const ask = (id: string) =>
    send(it, { method: 'GET', url: '/nothing', headers: { 'x-request-id': id } })
  const kept = await ask('my-request-1')
  expect(kept.headers['x-request-id']).toBe('my-request-1')
  expect(kept.json().request_id).toBe('my-request-1')
  expect(it.logged).toContainEqual(expect.objectContaining({ reqId: 'my-request-1' }))
  expect((await ask('bad id\u00e9')).headers['x-request-id']).toMatch(/^[0-9a-f]{16}-[0-9a-z]+$/)
})

test('what will pass is logged in a line, what is broken with its stack', async () => {
  const broken = await startApp()
  broken.app.draining.since = 0
  expect((await get(broken, '/readyz')).statusCode).toBe(503)
  await sql`alter table referral_codes rename to elsewhere`.execute(broken.ctx.db)
  expect((await get(broken, '/api/v1/referrals/codes/ABCDEFGH')).statusCode).toBe(500)
  const failed = broken.logged.filter(({ msg }) => msg === 'request failed')
  expect(failed).toMatchObject([
    { level: 40, code: 'unavailable', reqId: expect.any(String), reason: expect.any(String) },
    {
      level: 50,
      code: 'internal_error',
      err: { stack: expect.stringContaining('.ts:') },
    },
  ])
  expect(failed[0]).not.toHaveProperty('err')
})

test('errors speak the language that the client prefers', async () => {
  const ask = (language: string) =>
    send(it, { method: 'GET', url: '/api/v1/users/me', headers: { 'accept-language': language } })
  expect((await ask('ru-RU,ru;q=0.9,en;q=0.5')).json().title).toBe('Сначала войдите')
  expect((await ask('en')).json().title).toBe('Sign in first')
  expect((await ask('fr')).json().title).toBe('Sign in first')
  expect((await ask(';;;,,')).statusCode).toBe(401)
})

test('every answer carries the security headers', async () => {
  for (const url of ['/healthz', '/api/v1/users/me', '/nothing']) {
    const { headers } = await get(it, url)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy':
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    })
  }
})

test('answers to signed-in users are not stored, errors neither', async () => {
  const ann = await createAccount(it)
  expect((await get(it, '/api/v1/users/me', ann)).headers['cache-control']).toBe('no-store')
  expect((await post(it, '/api/v1/referrals/code', {}, ann)).headers['cache-control']).toBe(
    'no-store',
  )
})

test('a single thing has a weak ETag, and 304 saves sending it again', async () => {
  const ann = await createAccount(it)
  const first = await get(it, '/api/v1/users/me', ann)
  expect(first.headers['etag']).toMatch(/^W\/"/)
  const again = await send(it, {
    method: 'GET',
    url: '/api/v1/users/me',
    headers: { ...ann.headers, 'if-none-match': String(first.headers['etag']) },
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})
