import { decodeJwt } from 'jose'
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
import { promote } from '../../test/support/rows.ts'
import { hashing } from './service.ts'

const it = await startApp()
const LOGIN = '/api/v1/auth/login'
const TOKEN = '/api/v1/auth/token'

/** A form as it travels; a text is sent as it is. */
function form(url: string, fields: Record<string, string> | string, headers: object = {}) {
  return send(it, {
    method: 'POST',
    url,
    payload: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
}

const bodyOf = (response: { json(): object }) => ({ ...response.json(), request_id: '' })

async function hashesDuring(work: Promise<unknown>): Promise<number> {
  const before = hashing().begun
  await work
  return hashing().begun - before
}

async function erase({ id }: Account): Promise<void> {
  const gone = { email: null, email_key: null, username: null, username_key: null }
  await it.ctx.db
    .updateTable('users')
    .set({ ...gone, password_hash: null, erased_at: new Date() })
    .where('id', '=', id)
    .execute()
}

async function block({ id }: Account): Promise<void> {
  const users = it.ctx.db.updateTable('users').where('id', '=', id)
  await users.set({ blocked_at: new Date() }).execute()
}

test('a person signs in by e-mail address or username, in any case, by JSON or form', async () => {
  await createAccount(it, { email: 'Ann@Example.com', username: 'AnnaBell' })
  for (const login of [
    { email: 'ann@example.COM' },
    { email: '  Ann@Example.com ' },
    { email: 'annabell' },
    { username: 'ANNABELL' },
    { username: 'ann@example.com' },
  ]) {
    const fields = { ...login, password: PASSWORD }
    for (const answer of [await post(it, LOGIN, fields), await form(LOGIN, { ...fields })]) {
      expect(answer.statusCode, answer.body).toBe(200)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.json()).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: expect.any(String),
        scope: 'user',
      })
    }
  }
})

test('the form of the password grant signs in at the login too', async () => {
  const ann = await createAccount(it)
  const fields = { grant_type: 'password', username: ann.email, password: PASSWORD, scope: '' }
  expect((await form(LOGIN, { ...fields, client_id: '' })).statusCode).toBe(200)
  expect((await form(LOGIN, { ...fields, grant_type: 'refresh_token' })).statusCode).toBe(422)
})

test('a wrong password, an unknown, a blocked and an erased account are one answer and one cost', async () => {
  const [ann, blocked, erased] = [
    await createAccount(it, { username: 'wrongly' }),
    await createAccount(it),
    await createAccount(it),
  ]
  await block(blocked)
  await erase(erased)
  const attempts = [
    { email: ann.email, password: 'not the password' },
    { username: 'wrongly', password: 'not the password' },
    { email: 'nobody@example.com', password: PASSWORD },
    { username: 'nobody', password: PASSWORD },
    { email: '¿neither?', password: PASSWORD },
    { email: blocked.email, password: PASSWORD },
    { email: erased.email, password: PASSWORD },
  ]
  const bodies = new Set<string>()
  for (const attempt of attempts) {
    const asked = post(it, LOGIN, attempt)
    expect(await hashesDuring(asked), JSON.stringify(attempt)).toBe(1)
    const answer = await asked
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="invitree"')
    expect(answer.json().code).toBe('invalid_credentials')
    bodies.add(JSON.stringify(bodyOf(answer)))

    const { email, username = email, password } = attempt
    const granting = form(TOKEN, { grant_type: 'password', username: username!, password })
    expect(await hashesDuring(granting)).toBe(1)
    const granted = await granting
    expect(granted.statusCode).toBe(400)
    bodies.add(JSON.stringify(bodyOf(granted)))
  }
  expect(bodies.size).toBe(2)
})

test('fields that the login does not know, or that are missing, are named', async () => {
  const fields = { email: 'a@example.com', password: PASSWORD }
  for (const [body, pointer, code] of [
    [{ ...fields, remember: true }, '/remember', 'field_unknown'],
    [{ ...fields, role: 'admin' }, '/role', 'field_unknown'],
    [{ email: 'a@example.com' }, '/password', 'field_required'],
    [{ ...fields, password: 5 }, '/password', 'type_wrong'],
    [{ ...fields, password: ['x'] }, '/password', 'type_wrong'],
    [{ ...fields, password: '' }, '/password', 'too_short'],
    [{ ...fields, email: null }, '/email', 'type_wrong'],
  ] as const) {
    const answer = await post(it, LOGIN, body)
    expect(answer.json()).toMatchObject({ status: 422, errors: [{ pointer, code }] })
  }
  expect((await post(it, LOGIN, { password: PASSWORD })).statusCode).toBe(422)
  expect((await form(LOGIN, `email=a%40b.cc&password=x&password=y`)).statusCode).toBe(422)
})

test('the token endpoint grants by password and by refresh token, by form or JSON', async () => {
  const ann = await createAccount(it, { username: 'granted' })
  const fields = { grant_type: 'password', username: 'granted', password: PASSWORD }
  for (const first of [
    await form(TOKEN, fields),
    await post(it, TOKEN, fields),
    await post(it, TOKEN, { username: ann.email, password: PASSWORD }),
    await form(TOKEN, { username: ann.email, password: PASSWORD }),
    await form(TOKEN, { ...fields, grant_type: '', client_id: '', refresh_token: '' }),
  ]) {
    expect(first.statusCode, first.body).toBe(200)
    expect(first.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    const { refresh_token } = first.json()
    const next = await form(TOKEN, { grant_type: 'refresh_token', refresh_token })
    expect(next.statusCode, next.body).toBe(200)
    expect(next.headers['cache-control']).toBe('no-store')
    expect(Object.keys(next.json())).toEqual(Object.keys(first.json()))
    const headers = { authorization: `Bearer ${next.json().access_token}` }
    expect((await send(it, { url: '/api/v1/users/me', headers })).json().id).toBe(ann.id)
  }
})

test('the header that Swagger UI sends without a client is no obstacle', async () => {
  const { email } = await createAccount(it)
  const fields = { grant_type: 'password', username: email, password: PASSWORD }
  for (const authorization of ['Basic Og==', 'Basic c3dhZ2dlcjo=', 'Basic', 'Bearer not.a.token']) {
    expect((await form(TOKEN, fields, { authorization })).statusCode).toBe(200)
  }
})

test('a client id goes into the session and its tokens, an empty one counts as left out', async () => {
  const { email } = await createAccount(it)
  const fields = { username: email, password: PASSWORD }
  for (const [client_id, kept] of [
    ['portal', 'portal'],
    ['', 'invitree'],
  ]) {
    const { access_token } = (await form(TOKEN, { ...fields, client_id: client_id! })).json()
    expect(decodeJwt(access_token)['client_id']).toBe(kept)
    const headers = { authorization: `Bearer ${access_token}`, 'user-agent': 'x' }
    const { items } = (await send(it, { url: '/api/v1/auth/sessions', headers })).json()
    expect(items[0]).toMatchObject({ client_id: kept, is_current: true })
  }
})

test('the scope answered is what the user may do, whatever was asked for', async () => {
  const ann = await createAccount(it)
  const scopeOf = async (scope: string) =>
    (await form(TOKEN, { username: ann.email, password: PASSWORD, scope })).json().scope
  expect(await scopeOf('admin')).toBe('user')
  await promote(it, ann)
  expect(await scopeOf('user')).toBe('user admin')
})

test.each<[string, string, string, string]>([
  ['an unknown grant', 'grant_type=client_credentials', 'unsupported_grant_type', ''],
  ['no parameters', '', 'invalid_request', 'grant_type'],
  ['no username', 'grant_type=password&password=x', 'invalid_request', 'username'],
  ['no password', 'grant_type=password&username=ann', 'invalid_request', 'password'],
  ['an empty password', 'grant_type=password&username=ann&password=', 'invalid_request', ''],
  ['no refresh token', 'grant_type=refresh_token', 'invalid_request', 'refresh_token'],
  ['an empty refresh token', 'grant_type=refresh_token&refresh_token=', 'invalid_request', ''],
  ['a repeated grant type', 'grant_type=password&grant_type=password', 'invalid_request', ''],
  ['a repeated name', 'username=a&username=b&password=x', 'invalid_request', ''],
  [
    'a repeated token',
    'grant_type=refresh_token&refresh_token=a&refresh_token=a',
    'invalid_request',
    '',
  ],
  ['a wrong token', 'grant_type=refresh_token&refresh_token=a.b.c', 'invalid_grant', ''],
  [
    'a huge token',
    `grant_type=refresh_token&refresh_token=${'a'.repeat(5000)}`,
    'invalid_request',
    '',
  ],
  ['a null byte', 'grant_type=password&username=%00&password=x', 'invalid_request', ''],
])('the token endpoint refuses %s in the form of RFC 6749', async (_, body, error, named) => {
  const answer = await form(TOKEN, body)
  expect(answer.statusCode, answer.body).toBe(400)
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
  expect(answer.json()).toMatchObject({
    error,
    // What RFC 6749, section 5.2 allows in it.
    error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/),
    detail: expect.stringContaining(named),
    code: expect.any(String),
    request_id: answer.headers['x-request-id'],
  })
})

test('a body that is no object, no JSON or no known type is refused, never a 500', async () => {
  for (const [payload, type, status] of [
    ['[]', 'application/json', 400],
    ['null', 'application/json', 400],
    ['"grant"', 'application/json', 400],
    ['{', 'application/json', 400],
    ['{"__proto__":{}}', 'application/json', 400],
    ['', 'application/json', 400],
    ['<grant/>', 'application/xml', 415],
    ['a'.repeat(70_000), 'application/x-www-form-urlencoded', 413],
  ] as const) {
    const headers = { 'content-type': type }
    const answer = await send(it, { method: 'POST', url: TOKEN, payload, headers })
    expect(answer.statusCode, answer.body).toBe(status)
    expect(answer.json().error).toBe('invalid_request')
  }
})

test('a hundred sign-ins at once leave everything else in service, those turned away are told together', async () => {
  const { email } = await createAccount(it)
  const logins = Array.from({ length: 100 }, () => post(it, LOGIN, { email, password: PASSWORD }))
  const others = Array.from({ length: 50 }, (_, i) => get(it, i % 2 ? '/healthz' : '/readyz'))
  for (const answer of await Promise.all(others)) expect(answer.statusCode).toBe(200)
  const answers = await Promise.all(logins)
  const busy = answers.filter((answer) => answer.statusCode !== 200)
  expect(busy.length).toBeLessThan(100)
  for (const answer of busy) {
    expect(answer.json()).toMatchObject({ status: 503, code: 'overloaded' })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  }
  const lines = () => it.logged.filter(({ code }) => code === 'overloaded')
  const told = () => lines().reduce((sum, { requests }) => sum + Number(requests), 0)
  await expect.poll(told, { timeout: 5000 }).toBe(busy.length)
  expect(lines().length).toBeLessThan(busy.length)
})
