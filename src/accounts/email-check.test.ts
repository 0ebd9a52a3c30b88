import { expect, test } from 'vitest'
import { freePort } from '../../test/support/network.ts'
import { HOSTILE, startHostileServer } from '../../test/support/hostile-http.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { createAccount, PASSWORD, post, send, startApp } from '../../test/support/app.ts'
import { readConfig } from '../config.ts'
import { createEmailCheck } from '../integrations/email-check.ts'
import { newId } from '../lib/ids.ts'
import { register } from './service.ts'

const KEY = 'hunter-key-that-nobody-may-read'
const server = await startHostileServer()
const it = await startApp({ HUNTER_API_KEY: KEY, HUNTER_URL: server.url('good') })

const verified = (data: object) => (email: string) => ({ data: { email, score: 0, ...data } })
const REFUSED = verified({ status: 'invalid', result: 'undeliverable' })
const ACCEPTED = verified({ status: 'valid', result: 'deliverable' })
const newEmail = () => `${newId()}@example.com`

const registering = (email: string, headers = {}) =>
  send(it, {
    method: 'POST',
    url: '/api/v1/auth/register',
    payload: { email, password: PASSWORD },
    headers,
  })

async function isThere(email: string) {
  const found = it.ctx.db.selectFrom('users').select('id').where('email_key', '=', email)
  return (await found.executeTakeFirst()) !== undefined
}

/** A registration that asks the Hunter at `url`, which nothing was asked before. */
async function registerAsking(url: string) {
  const config = { HUNTER_API_KEY: KEY, HUNTER_URL: url }
  const emailCheck = createEmailCheck(config, { log: it.ctx.log })
  const email = newEmail()
  const passed = startStopwatch()
  await register({ ...it.ctx, emailCheck }, { email, password: PASSWORD })
  return { email, counts: emailCheck.counts, ms: passed() }
}

test('an address that Hunter calls undeliverable is refused, names the field, and leaves nothing', async () => {
  server.answers(REFUSED)
  const email = newEmail()
  const response = await registering(email)
  expect(response.json()).toMatchObject({
    status: 422,
    code: 'email_undeliverable',
    errors: [{ pointer: '/email', code: 'email_undeliverable' }],
  })
  expect(await isThere(email)).toBe(false)
  const russian = await registering(email, { 'accept-language': 'ru' })
  expect(russian.json().detail).toContain('Проверьте написание')
  server.answers(ACCEPTED)
  expect((await registering(email)).statusCode).toBe(201)
})

test.each([
  [201, { status: 'valid', result: 'deliverable' }],
  [201, { status: 'webmail', result: 'deliverable', webmail: true }],
  [201, { status: 'accept_all', result: 'risky', accept_all: true }],
  [201, { status: 'unknown', result: 'risky' }],
  [201, { status: 'unknown', result: 'undeliverable', block: true }],
  [201, { status: 'a word that Hunter has not used yet' }],
  [201, { result: 'risky', gibberish: true, mx_records: false }],
  [201, {}],
  [422, { status: 'invalid', result: 'undeliverable' }],
  [422, { result: 'undeliverable' }],
  [422, { status: 'disposable', result: 'risky' }],
  [422, { status: 'accept_all', result: 'risky', disposable: true }],
])('answers %i when Hunter says %j', async (status, data) => {
  server.answers(verified(data))
  expect((await registering(newEmail())).statusCode).toBe(status)
})

test.each(['202 Accepted', '222 Verification Failed', '400 Bad Request', '451 Claimed'])(
  'what Hunter says of the address with %s is no failure of Hunter',
  async (status) => {
    server.answers(REFUSED, status)
    const before = it.ctx.emailCheck.counts?.failed
    for (let i = 0; i < 6; i++) {
      expect(await it.ctx.emailCheck.isUndeliverable(newEmail())).toBe(false)
    }
    expect(it.ctx.emailCheck.counts?.failed).toBe(before)
  },
)

test("an answer about somebody else's address decides nothing", async () => {
  server.answers(() => REFUSED('other@example.com'))
  expect((await registering(newEmail())).statusCode).toBe(201)
})

test('a code that is refused, and a throw-away address, cost no question', async () => {
  server.answers(ACCEPTED)
  const before = server.heads.length
  const body = { email: newEmail(), password: PASSWORD, referral_code: 'N0TACODE' }
  expect((await post(it, '/api/v1/auth/register', body)).statusCode).toBe(422)
  expect((await registering('ann@mailinator.com')).statusCode).toBe(422)
  expect(server.heads).toHaveLength(before)
})

test('the key goes in a header; neither it nor the address is ever logged', async () => {
  server.answers(ACCEPTED)
  const { email } = await createAccount(it)
  const [line = '', ...headers] = (server.heads.at(-1) ?? '').split('\r\n')
  expect(line).toBe(`GET /good/email-verifier?email=${encodeURIComponent(email)} HTTP/1.1`)
  expect(headers).toContain(`x-api-key: ${KEY}`)
  await registerAsking(server.url('sends a page'))
  const broken = await registerAsking(server.url('resets the connection'))
  const logged = JSON.stringify(it.logged)
  expect(logged).toContain('integration failed')
  for (const secret of [KEY, email, broken.email]) expect(logged).not.toContain(secret)
})

test('a Hunter that fails is asked five times, then no more', async () => {
  const failing = server.url('is broken (500)')
  const config = { HUNTER_API_KEY: KEY, HUNTER_URL: failing }
  const clock = { now: 0 }
  const check = createEmailCheck(config, { log: it.ctx.log, now: () => clock.now })
  const ask = () => check.isUndeliverable(newEmail())
  const before = server.heads.length
  for (let i = 0; i < 20; i++) expect(await ask()).toBe(false)
  expect(server.heads.length - before).toBe(5)
  expect(check.counts).toEqual({ answered: 0, failed: 5, skipped: 15 })
  clock.now += 30_000
  await Promise.all(Array.from({ length: 10 }, ask))
  expect(check.counts).toEqual({ answered: 0, failed: 6, skipped: 24 })
})

test('without a key Hunter is not asked, and throw-away mailboxes are refused all the same', async () => {
  const check = createEmailCheck({ HUNTER_URL: server.url('good') }, { log: it.ctx.log })
  const before = server.heads.length
  expect(await check.isUndeliverable('ann@example.com')).toBe(false)
  expect(await check.isUndeliverable('ann@sub.mailinator.com')).toBe(true)
  expect(check.counts).toBeUndefined()
  expect(server.heads).toHaveLength(before)
})

test.each([
  ['HUNTER_URL', 'ftp://api.hunter.io'],
  ['HUNTER_URL', 'https://user:secret-text@api.hunter.io'],
  ['CLEARBIT_URL', 'https://[::'],
  ['CLEARBIT_URL', 'http://localhost:99999'],
  ['HUNTER_API_KEY', 'secret-text\nx-header: y'],
  ['CLEARBIT_API_KEY', 'secret-text с кириллицей'],
])('%s=%j stops the start, and is not repeated', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(name)
  expect(() => readConfig({ [name]: value })).not.toThrow('secret-text')
})

// The good one would refuse: whoever follows a redirect or reads too much fails here.
test.concurrent.each(Object.keys(HOSTILE))(
  'a person registers while Hunter %s',
  async (behaviour) => {
    server.answers(REFUSED)
    const { email, ms, counts } = await registerAsking(server.url(behaviour))
    expect(await isThere(email)).toBe(true)
    expect((counts?.answered ?? 0) + (counts?.failed ?? 0)).toBe(1)
    expect(ms).toBeLessThan(6000)
  },
)

test.concurrent.each([
  ['listens nowhere', async () => `http://127.0.0.1:${await freePort()}`],
  ['has no address', async () => 'http://hunter.invalid'],
  ['speaks no TLS', async () => server.url('good').replace('http:', 'https:')],
])('a person registers while Hunter %s', async (_name, url) => {
  const { email, counts } = await registerAsking(await url())
  expect(await isThere(email)).toBe(true)
  expect(counts?.failed).toBe(1)
})
