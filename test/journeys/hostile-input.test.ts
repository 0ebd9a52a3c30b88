import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createAccount, get, inHours, PASSWORD, post, send, startApp } from '../support/app.ts'
import { listen, sendRaw } from '../support/listen.ts'
import { waitFor } from '../support/wait.ts'

const it = await startApp()
const address = await listen(it)
const ann = await createAccount(it)

const json = { 'content-type': 'application/json' }
const register = (payload: string | Buffer, headers: Record<string, string> = json) =>
  send(it, { method: 'POST', url: '/api/v1/auth/register', payload, headers })

test.each([
  ['malformed JSON', '{"email":', 400, 'malformed_json'],
  ['a text that is no object', '"hello"', 422, 'validation_failed'],
  ['null', 'null', 422, 'validation_failed'],
  ['a list', '[]', 422, 'validation_failed'],
  ['no body', '', 422, 'validation_failed'],
  ['a prototype key', '{"__proto__":{"role":"admin"}}', 400, 'forbidden_key'],
  ['a constructor key', '{"constructor":{"prototype":{}}}', 400, 'forbidden_key'],
  ['a nested prototype key', '{"email":{"a":{"prototype":1}}}', 400, 'forbidden_key'],
  ['nine levels', `{"a":${'['.repeat(9)}${']'.repeat(9)}}`, 400, 'nested_too_deep'],
  ['a depth of 30,000', '['.repeat(30_000) + ']'.repeat(30_000), 400, 'nested_too_deep'],
  ['an unclosed depth of 60,000', '['.repeat(60_000), 400, 'malformed_json'],
  ['a depth of 100,000', '['.repeat(100_000), 413, 'body_too_large'],
  ['a megabyte', `{"email":"${'a'.repeat(1 << 20)}"}`, 413, 'body_too_large'],
])('%s is refused, and nothing breaks', async (_name, payload, status, code) => {
  const response = await register(payload)
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toContain('application/problem+json')
  expect(response.json()).toMatchObject({ status, code })
})

test.each([
  ['the wrong type', { email: 5, password: PASSWORD }, '/email', 'type_wrong'],
  ['a list for a text', { email: ['a@b.cc'], password: PASSWORD }, '/email', 'type_wrong'],
  ['a typo', { email: 'a@example.com', pasword: PASSWORD }, '/pasword', 'field_unknown'],
  [
    'a name with a slash and a tilde',
    { email: 'a@example.com', password: PASSWORD, 'a/b~c': 1 },
    '/a~1b~0c',
    'field_unknown',
  ],
  [
    'a null byte below such a name',
    { email: 'a@example.com', password: PASSWORD, 'a/b~c': '\0' },
    '/a~1b~0c',
    'text_unreadable',
  ],
  ['a missing field', { email: 'a@example.com' }, '/password', 'field_required'],
  ['a null byte', { email: 'a\0@example.com', password: PASSWORD }, '/email', 'text_unreadable'],
  [
    'a null byte in a name',
    { email: 'a@example.com', password: PASSWORD, username: 'a\0bc' },
    '/username',
    'text_unreadable',
  ],
  [
    'a lone surrogate',
    { email: 'a@example.com', password: `${PASSWORD}\uD800` },
    '/password',
    'text_unreadable',
  ],
  ['half an address', { email: 'a@', password: PASSWORD }, '/email', 'format_wrong'],
  [
    'a long address',
    { email: `${'a'.repeat(400)}@example.com`, password: PASSWORD },
    '/email',
    'too_long',
  ],
  [
    'a language we do not speak',
    { email: 'a@example.com', password: PASSWORD, locale: 'fr' },
    '/locale',
    'value_not_allowed',
  ],
  [
    'a role',
    { email: 'a@example.com', password: PASSWORD, role: 'admin' },
    '/role',
    'field_unknown',
  ],
])('%s is named with its field', async (_name, body, pointer, code) => {
  const response = await register(JSON.stringify(body))
  expect(response.statusCode).toBe(422)
  expect(response.json().errors).toContainEqual(expect.objectContaining({ pointer, code }))
})

test.each([
  '99999-01-01T00:00:00Z',
  '2027-02-30T00:00:00Z',
  '2027-13-01T00:00:00Z',
  'tomorrow',
  '',
  '1e9',
  '2027-10-10',
])('the expiry %s is refused and named', async (expires_at) => {
  const response = await post(it, '/api/v1/referrals/code', { expires_at }, ann)
  expect(response.statusCode).toBe(422)
  expect(response.json().errors[0].pointer).toBe('/expires_at')
})

test.each([
  ['page=0', '/query/page'],
  ['page=99999999999999999999', '/query/page'],
  ['page=1.5', '/query/page'],
  ['page=x', '/query/page'],
  ['size=101', '/query/size'],
  ['size=-1', '/query/size'],
  ['sizee=1', '/query/sizee'],
  ['cursor=%00', '/query/cursor'],
  ['q=%00', '/query/q'],
  ['page=1&page=2', '/query/page'],
])('the query %s is refused and named', async (query, pointer) => {
  const response = await get(it, `/api/v1/users/me/referrals?${query}`, ann)
  expect(response.statusCode).toBe(422)
  expect(response.json().errors.map((error: { pointer: string }) => error.pointer)).toContain(
    pointer,
  )
})

test('a page of a billion is empty, not an error', async () => {
  const response = await get(it, '/api/v1/users/me/referrals?page=1000000000', ann)
  expect(response.json()).toMatchObject({ items: [], total: 0, page: 1_000_000_000 })
})

test.each(['application/xml', 'text/plain', 'multipart/form-data; boundary=x'])(
  'a body of type %s is refused',
  async (type) => {
    const response = await register('x', { 'content-type': type })
    expect(response.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  },
)

test.each(['/api/v1/users/%E0%A4%A/referrals', '/api/v1/referrals/codes/%'])(
  'the broken address %s is a 4xx',
  async (url) => {
    const answer = await sendRaw(
      address,
      `GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).toContain('"request_id"')
  },
)

test.each([
  '%00',
  '..%2f..%2fetc%2fpasswd',
  "'; drop table users--",
  '\u202e',
  '💥',
  'A'.repeat(400),
])('the code %s is simply not found', async (text) => {
  const response = await get(
    it,
    `/api/v1/referrals/codes/${encodeURIComponent(decodeURIComponent(text))}`,
  )
  expect([404, 422]).toContain(response.statusCode)
})

test('two Host headers are refused', async () => {
  const answer = await sendRaw(
    address,
    'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
})

test('a target that is a whole address is refused', async () => {
  const answer = await sendRaw(
    address,
    'GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
})

test('what is no HTTP at all is answered 400 and closed', async () => {
  expect(await sendRaw(address, 'HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
})

test('headers of over 8 kB are refused', async () => {
  const answer = await sendRaw(
    address,
    `GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${'a'.repeat(9000)}\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
})

test('a client that never ends its headers is sent away', async () => {
  const answer = await sendRaw(address, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: ')
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
})

test.each(['Transfer-Encoding: chunked', 'Content-Length: 1073741824'])(
  'a body of a gigabyte is cut off at its beginning (%s)',
  async (length) => {
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    socket.resume().on('error', () => {})
    const head = `Host: a\r\nContent-Type: application/json\r\n${length}`
    socket.write(`POST /api/v1/auth/login HTTP/1.1\r\n${head}\r\n\r\n`)
    const chunk = `10000\r\n${'a'.repeat(1 << 16)}\r\n`
    while (!socket.destroyed && socket.bytesWritten < 1 << 30) {
      await new Promise((resolve) => socket.write(chunk, resolve))
    }
    expect(socket.bytesWritten).toBeLessThan(1 << 26)
  },
)

test('a client that goes away in the middle of its body is no failure of the service', async () => {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  const head = 'Content-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue'
  socket.write(`POST /api/v1/auth/verify-email HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n`)
  await once(socket, 'data')
  socket.end('{"a":').destroy()
  const connections = promisify<number>(it.app.server.getConnections.bind(it.app.server))
  await waitFor(async () => (await connections()) === 0)
  expect(it.logged.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('after all of this an honest request is served', async () => {
  const code = await post(it, '/api/v1/referrals/code', { expires_at: inHours(1) }, ann)
  expect(code.statusCode).toBe(201)
  expect(it.logged.filter(({ level }) => Number(level) >= 50)).toEqual([])
})
