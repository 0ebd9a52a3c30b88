import type { InjectOptions } from 'fastify'
import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { hasRedisServer, startRedis } from '../../test/support/redis.ts'
import { askingFor, login, times } from './limits.fixture.ts'

const it = await startApp({ RATE_LIMITS: 'on' })
const statuses = askingFor(it)

let addresses = 0
/** An address that nobody used before. */
const newAddress = () => `198.51.${++addresses >> 8}.${addresses & 255}`

const find = (remoteAddress: string, email: string, on = it) =>
  send(on, { url: `/api/v1/referrals/code-by-email?email=${email}`, remoteAddress })

test('an answer says how it stands with the limits', async () => {
  const remoteAddress = newAddress()
  const { headers } = await send(it, { url: '/api/v1/users/me', remoteAddress })
  expect(headers['ratelimit-policy']).toBe('"anonymous";q=300;w=60')
  expect(headers['ratelimit']).toBe('"anonymous";r=299;t=1')
  expect(headers['retry-after']).toBeUndefined()
  const found = await find(remoteAddress, 'nobody@example.com')
  expect(found.headers['ratelimit-policy']).toBe(
    '"anonymous";q=300;w=60, "code_by_email_minute";q=10;w=60, "code_by_email_hour";q=60;w=3600, ' +
      '"code_by_email_day";q=300;w=86400, "code_by_email_target";q=30;w=3600',
  )
  expect(found.headers['ratelimit']).toMatch(
    /^"anonymous";r=29\d;t=1, "code_by_email_minute";r=9;t=6, /,
  )
})

test('a refusal says in both languages when to come back', async () => {
  const remoteAddress = newAddress()
  for (let count = 0; count < 10; count++) await find(remoteAddress, `n${count}@example.com`)
  const refused = await find(remoteAddress, 'n@example.com')
  expect(refused.headers['content-type']).toContain('application/problem+json')
  expect(refused.headers['retry-after']).toBe('6')
  expect(refused.headers['ratelimit']).toContain('"code_by_email_minute";r=0;t=6')
  expect(refused.json()).toMatchObject({
    status: 429,
    code: 'rate_limited',
    detail: 'Try again in 6 seconds, as the Retry-After header says.',
  })
  const url = '/api/v1/referrals/code-by-email?email=n@example.com'
  const russian = await send(it, { url, remoteAddress, headers: { 'accept-language': 'ru' } })
  expect(russian.json().title).toBe('Слишком много запросов')
})

test('an address registers twenty accounts an hour', async () => {
  const remoteAddress = newAddress()
  const register = (number: number): InjectOptions => ({
    method: 'POST',
    url: '/api/v1/auth/register',
    remoteAddress,
    payload: { email: `r${number}@example.com`, password: '12345678' },
  })
  // Refused ones count too: they tell which addresses are taken.
  expect(await statuses(21, register)).toEqual([...times(20, 422), 429])
})

test('a reset is mailed three times an hour to an address, silently, and asked for ten times by one', async () => {
  const ann = await createAccount(it)
  let mails = 0
  const { enqueue } = it.ctx.jobs
  it.ctx.jobs.enqueue = (...job) => {
    mails++
    return enqueue(...job)
  }
  for (const email of [ann.email, 'nobody.there@example.com']) {
    const remoteAddress = newAddress()
    const ask = (): InjectOptions => ({
      method: 'POST',
      url: '/api/v1/auth/reset-password',
      remoteAddress,
      payload: { email },
    })
    mails = 0
    expect(await statuses(11, ask)).toEqual([...times(10, 202), 429])
    expect(mails).toBe(3)
  }
  it.ctx.jobs.enqueue = enqueue
})

test('codes of one person are asked for thirty times an hour, by whomever', async () => {
  const ask = () => ({
    url: '/api/v1/referrals/code-by-email?email=Asked@example.com',
    remoteAddress: newAddress(),
  })
  expect(await statuses(31, ask)).toEqual([...times(30, 404), 429])
  const ann = await createAccount(it)
  const url = '/api/v1/referrals/code-by-email?email=asked@example.com'
  expect((await send(it, { url, remoteAddress: newAddress() }, ann)).statusCode).toBe(404)
})

test('ten thousand guesses find no code: after twenty that are wrong not even a right one is answered', async () => {
  const code = await createCode(it, await createAccount(it))
  const remoteAddress = newAddress()
  const check = (text: string) => ({ url: `/api/v1/referrals/codes/${text}`, remoteAddress })
  expect(await statuses(30, () => check(code))).toEqual(times(30, 200))
  const found = new Map<number, number>()
  // The limit on requests of any kind is not what is shown here.
  const { takeHere } = it.ctx.limits
  it.ctx.limits.takeHere = (name) => takeHere(name, newAddress())
  for (let number = 0; number < 10_000; number++) {
    const { statusCode } = await send(it, check(number % 100 === 99 ? code : `GUESS-${number}`))
    found.set(statusCode, (found.get(statusCode) ?? 0) + 1)
  }
  expect(found).toEqual(
    new Map([
      [404, 20],
      [429, 9980],
    ]),
  )
  // Of this client alone: whatever stands between must not give it to others.
  expect((await send(it, check(code))).headers['cache-control']).toBe('no-store')
  expect((await send(it, { ...check(code), url: `${check(code).url}/qr` })).statusCode).toBe(429)
  const email = 'guesser@example.com'
  const payload = { email, password: PASSWORD, referral_code: code }
  const request = { method: 'POST', url: '/api/v1/auth/register', payload, remoteAddress } as const
  expect((await send(it, request)).statusCode).toBe(429)
  it.ctx.limits.takeHere = takeHere
})

test('guesses at registration count as well', async () => {
  const remoteAddress = newAddress()
  const guess = (number: number): InjectOptions => ({
    method: 'POST',
    url: '/api/v1/auth/register',
    remoteAddress,
    payload: { email: `g${number}@example.com`, password: PASSWORD, referral_code: 'N0T-THERE' },
  })
  expect(await statuses(10, guess)).toEqual(times(10, 422))
  const check = () => ({ url: '/api/v1/referrals/codes/N0T-THERE', remoteAddress })
  expect(await statuses(11, check)).toEqual([...times(10, 404), 429])
})

test('a user creates or replaces a code thirty times a day; what was refused takes none', async () => {
  const ann = await createAccount(it)
  const change = (method: 'PUT' | 'POST'): InjectOptions => ({
    method,
    url: '/api/v1/referrals/code',
    remoteAddress: newAddress(),
    headers: ann.headers,
    payload: { expires_at: inHours(1) },
  })
  expect(await statuses(30, () => change('PUT'))).toEqual(times(30, 201))
  expect(await statuses(1, () => change('POST'))).toEqual([429])
  const bob = await createAccount(it)
  const create = () => ({ ...change('POST'), headers: bob.headers })
  expect(await statuses(40, create)).toEqual([201, ...times(39, 409)])
})

test('an address has 300 requests a minute and a user 600, wrong and unknown ones included', async () => {
  const remoteAddress = newAddress()
  const headers = { authorization: 'Bearer wrong' }
  const urls = ['/api/v1/users/me', '/api/v1/nothing', '/docs/errors']
  const any = (number: number) => ({ url: urls[number % 3]!, remoteAddress, headers })
  const found = await statuses(300, any)
  expect(found.filter((status) => status === 429)).toEqual([])
  // One more comes back each 200 ms.
  expect(await statuses(30, any)).toContain(429)
  for (const url of ['/healthz', '/readyz', '/metrics']) {
    expect((await send(it, { url, remoteAddress })).statusCode).toBe(200)
  }
  const ann = await createAccount(it)
  const mine = () => ({ url: '/api/v1/users/me', remoteAddress, headers: ann.headers })
  expect(await statuses(600, mine)).toEqual(times(600, 200))
  expect(await statuses(100, mine)).toContain(429)
  expect((await send(it, mine())).headers['ratelimit-policy']).toBe('"user";q=600;w=60')
})

test('guessing the password of one account from everywhere has to wait just the same', async () => {
  const target = 'target@example.com'
  const wrong = () => login(newAddress(), { email: target, password: 'not the password' })
  expect((await statuses(100, wrong)).filter((status) => status === 401).length).toBeLessThan(8)
})

test('RATE_LIMITS=off switches everything off, the wait after failed sign-ins too', async () => {
  const on = await startApp({ RATE_LIMITS: 'off' })
  const wrong = () => login('198.51.100.1', { email: 'a@example.com', password: 'wrong one' })
  expect(await statuses(25, wrong, on)).toEqual(times(25, 401))
  const guess = () => ({ url: '/api/v1/referrals/codes/GUESS', remoteAddress: '198.51.100.1' })
  expect(await statuses(320, guess, on)).toEqual(times(320, 404))
})

test.skipIf(!hasRedisServer)('Redis dies meanwhile: no answer fails and limits stay', async () => {
  const redis = await startRedis()
  const on = await startApp({ RATE_LIMITS: 'on', REDIS_URL: redis.url })
  const ask = (remoteAddress: string) => () => ({
    url: '/api/v1/referrals/code-by-email?email=x@example.com',
    remoteAddress,
  })
  expect(await statuses(11, ask('198.51.100.1'), on)).toEqual([...times(10, 404), 429])
  expect(await statuses(6, ask('198.51.100.2'), on)).toEqual(times(6, 404))
  redis.process.kill('SIGKILL')
  expect(await statuses(2, ask('198.51.100.1'), on)).toEqual(times(2, 429))
  expect(await statuses(6, ask('198.51.100.2'), on)).toEqual([...times(4, 404), 429, 429])
  expect(await statuses(11, ask('198.51.100.3'), on)).toEqual([...times(10, 404), 429])
  const wrong = { email: 'a@example.com', password: 'not the password' }
  expect(await statuses(6, () => login('127.0.0.1', wrong), on)).toEqual([...times(5, 401), 429])
  expect(
    (await post(on, '/api/v1/auth/register', { email: 'z@example.com', password: PASSWORD }))
      .statusCode,
  ).toBe(201)
})
