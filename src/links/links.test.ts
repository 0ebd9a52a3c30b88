import { expect, test } from 'vitest'
import { createAccount, createCode, send, startApp } from '../../test/support/app.ts'
import { startProxy } from '../../test/support/proxy.ts'
import { expireCode, findBroken } from '../../test/support/rows.ts'
import { readConfig } from '../config.ts'
import { open, outcomes, visitorCookie, written } from './links.fixture.ts'

const APP_SECRET = 'one secret for all instances of this test'
const it = await startApp({ APP_SECRET, PUBLIC_URL: 'https://invite.example.com' })
const elsewhere = await startApp({
  APP_SECRET,
  DATABASE_URL: it.url,
  LANDING_URL: 'https://shop.example.com/welcome?utm=invitree&code=none#join',
})
const ann = await createAccount(it, { username: 'ann' })
const code = await createCode(it, ann)
const bob = await createAccount(it)
const retired = await createCode(it, bob, { code: 'RETIRED-ONE' })
await send(it, { method: 'DELETE', url: '/api/v1/referrals/code' }, bob)
const expired = await createCode(it, await createAccount(it), { code: 'EXPIRED-ONE' })
await expireCode(it, expired)

test('a share link leads to the registration page with the code, whatever its case', async () => {
  for (const text of [code, code.toLowerCase(), `${code}/`, `${code}?utm=x`]) {
    const response = await open(it, text)
    expect(response.statusCode, text).toBe(303)
    expect(response.headers).toMatchObject({
      location: `/join/${code}`,
      'cache-control': 'no-store, private',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
  }
  const landed = await open(elsewhere, code)
  const url = new URL(String(landed.headers.location))
  expect(url.origin + url.pathname + url.hash).toBe('https://shop.example.com/welcome#join')
  expect(Object.fromEntries(url.searchParams)).toEqual({ utm: 'invitree', code })
})

test('a code that does not work leads there too, and says why', async () => {
  for (const [text, state] of [
    [expired, 'expired'],
    [retired, 'retired'],
    ['NEVER-GIVEN', 'unknown'],
  ] as const) {
    const response = await open(it, text)
    expect(response.statusCode).toBe(303)
    expect(response.headers.location).toBe(`/join/${text}?state=${state}`)
    expect(visitorCookie(response)).toBe('')
    const url = new URL(String((await open(elsewhere, text)).headers.location))
    expect(Object.fromEntries(url.searchParams)).toEqual({ utm: 'invitree', code: text, state })
  }
  for (const text of ['a%20code%20that%20cannot%20be', 'a'.repeat(4000)]) {
    expect((await open(it, text)).headers.location).toBe('/join?state=unknown')
  }
})

const HOSTS = ['evil.example', '//evil.example', 'https://evil.example', '\\\\evil.example']
const TRICKS = [
  '%0d%0aLocation:%20https://evil.example',
  '%0a%0dSet-Cookie:%20a=b',
  '%00',
  '..%2f..%2fadmin',
  '%2e%2e/%2e%2e/admin',
  './../..',
  '%5c%5cevil.example',
  '@evil.example',
  '%40evil.example',
  ':80@evil.example',
  '?code=x&state=active',
  '%3Fnext=https://evil.example',
  '%23@evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '%E2%80%AEmoc.live',
  '%EF%BC%8F%EF%BC%8Fevil.example',
  '%C0%AF%C0%AFevil.example',
  '%u2215evil',
  '%',
  '%zz',
  '%D0%B0%D0%BD%D0%BD',
  'A'.repeat(33),
  'A'.repeat(499),
  'A'.repeat(3000),
  ' ',
  '%09',
  '"><script>alert(1)</script>',
]
const payloads = [
  ...HOSTS.flatMap((host) => [
    host,
    encodeURIComponent(host),
    encodeURIComponent(encodeURIComponent(host)),
    `%2f${host}`,
    `${code}%2f${host}`,
    `${code}/../${host}`,
    `${code}?next=${host}`,
    `${code}%0d%0aLocation:${host}`,
    `/${host}`,
    `${host}/${code}`,
  ]),
  ...TRICKS,
  ...TRICKS.map((trick) => code + trick),
  ...TRICKS.map((trick) => trick + code),
  ...TRICKS.map((trick) => `//evil.example/${trick}`),
  ...TRICKS.map((trick) => `https:${trick}evil.example`),
  ...TRICKS.map((trick) => trick.toUpperCase() + trick),
]

test('no payload makes a share link lead anywhere else', async () => {
  expect(payloads.length).toBeGreaterThanOrEqual(200)
  const answers: { payload: string; location: string; allowed: RegExp }[] = []
  for (const payload of payloads) {
    for (const [app, allowed] of [[it, PORTAL] as const, [elsewhere, SHOP] as const]) {
      const { statusCode, headers } = await open(app, payload)
      expect(statusCode, payload).toBeLessThan(500)
      expect(headers['set-cookie'] ?? '', payload).not.toContain('a=b')
      // An address with dots leads past the share link, to a page or to none.
      expect(Math.floor(statusCode / 100) === 3, payload).toBe(headers.location !== undefined)
      if (headers.location !== undefined)
        answers.push({ payload, location: headers.location, allowed })
    }
  }
  expect(answers.filter(({ location, allowed }) => !allowed.test(location))).toEqual([])
  expect(answers.length).toBeGreaterThan(100)
})

const PORTAL = /^\/join(\/[A-Z0-9_-]{4,32})?(\?state=unknown)?$/
const SHOP =
  /^https:\/\/shop\.example\.com\/welcome\?utm=invitree&code=[A-Za-z0-9_-]{4,32}(&state=unknown)?#join$/

test.each([
  'ftp://x.example',
  '/join',
  'x.example',
  'https://',
  'http://a b',
  'https://u:p@x.example/',
])('LANDING_URL=%s stops the start', (url) => {
  expect(() => readConfig({ LANDING_URL: url })).toThrow('LANDING_URL')
})

test('a preview shows who invites, in the language asked for, escaped and without a script', async () => {
  const bots = [
    'facebookexternalhit/1.1',
    'TelegramBot (like TwitterBot)',
    'Slackbot-LinkExpanding 1.0',
    'WhatsApp/2.23',
  ]
  for (const agent of bots) {
    const { statusCode, headers, body } = await open(it, code, { 'user-agent': agent })
    expect([statusCode, headers.location], agent).toEqual([200, undefined])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body).toContain('<meta property="og:title" content="ann invited you">')
    expect(body).toContain(
      `<meta property="og:url" content="https://invite.example.com/r/${code}">`,
    )
    expect(body).toMatch(/<meta property="og:description" content="[^"]+">/)
    expect(body).not.toContain('<script')
    expect(visitorCookie({ headers })).toBe('')
  }
  const russian = await open(it, code, { 'user-agent': bots[0], 'accept-language': 'ru' })
  expect(russian.body).toContain('<html lang="ru">')
  expect(russian.body).toContain('ann приглашает вас')
  const over = await open(it, retired, { 'user-agent': bots[0] })
  expect(over.body).toContain('You are invited')
  for (const payload of payloads) {
    const { body, headers } = await open(it, payload, { 'user-agent': bots[0] })
    const preview = headers['x-robots-tag'] ? body : ''
    expect(preview, payload).not.toMatch(/<script|"><|javascript:/)
  }
  const head = await open(it, code, { 'user-agent': bots[0] }, 'HEAD')
  expect([head.statusCode, head.body]).toEqual([200, ''])
})

test('guesses are never refused, and after 20 of them nothing tells a code that is from one that is not', async () => {
  const limited = await startApp({
    APP_SECRET,
    RATE_LIMITS: 'on',
    DATABASE_URL: it.url,
    TRUST_PROXY: '1',
  })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  for (let i = 0; i < 25; i++) {
    const guess = await open(limited, `GUESS-${i}`, from('203.0.113.7'))
    expect([guess.statusCode, guess.headers.location]).toEqual([
      303,
      `/join/GUESS-${i}?state=unknown`,
    ])
  }
  const before = await written(limited)
  const real = await open(limited, code, from('203.0.113.7'))
  const made = await open(limited, 'MADE-UP1', from('203.0.113.7'))
  expect(real.headers.location).toBe(`/join/${code}?state=unknown`)
  const told = ({ headers }: typeof real) => Object.keys(headers).toSorted()
  expect(told(real)).toEqual(told(made))
  expect(await written(limited)).toBe(before)
  expect((await open(limited, code, from('203.0.113.8'))).headers.location).toBe(`/join/${code}`)
  await written(limited)
})

test('of all that asks for a link only a person who opens it is a click', async () => {
  const others: [string, Record<string, string | undefined>][] = [
    ['embedded', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', accept: 'image/*' }],
    ['embedded', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }],
    ['embedded', { 'sec-fetch-dest': 'iframe' }],
    ['embedded', { 'sec-fetch-dest': 'object' }],
    ['embedded', { 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined, accept: 'image/*' }],
    ['ahead', { 'sec-purpose': 'prefetch' }],
    ['ahead', { 'sec-purpose': 'prefetch;prerender' }],
    ['ahead', { purpose: 'prefetch' }],
    ['ahead', { 'x-moz': 'prefetch' }],
    ['ahead', { 'x-purpose': 'preview' }],
    [
      'bot',
      { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' },
    ],
    ['bot', { 'user-agent': 'curl/8.5.0' }],
    ['bot', { 'user-agent': '' }],
    [
      'bot',
      { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0.0.0 Safari/537.36' },
    ],
    ['preview', { 'user-agent': 'Twitterbot/1.0' }],
  ]
  await written(elsewhere)
  const before = { rows: await written(it), told: await outcomes(it) }
  const told = { ...before.told }
  for (const [outcome, headers] of others) {
    const response = await open(it, code, headers)
    expect(visitorCookie(response), JSON.stringify(headers)).toBe('')
    expect(response.statusCode).toBe(outcome === 'ahead' ? 503 : outcome === 'preview' ? 200 : 303)
    told[outcome] = (told[outcome] ?? 0) + 1
    expect(await outcomes(it), JSON.stringify(headers)).toEqual(told)
  }
  expect((await open(it, code, {}, 'HEAD')).headers.location).toBe(`/join/${code}`)
  expect(await written(it)).toBe(before.rows)
  // Of a browser that is too old to say what it does, and of any over plain http, the page that it wants tells.
  const old = {
    'sec-fetch-mode': undefined,
    'sec-fetch-dest': undefined,
    'user-agent': 'Mozilla/5.0 Old Safari',
  }
  await open(it, code, old)
  expect(await written(it)).toBe(before.rows + 1)
})

test('the cookie is signed, out of reach of scripts, and sent along when a link is followed', async () => {
  const set = String(
    (await open(it, code, { 'user-agent': 'Mozilla/5.0 Fresh' })).headers['set-cookie'],
  )
  const [pair, ...attributes] = set.split('; ')
  expect(pair).toMatch(/^__Host-invitree_visitor=1\.[\w-]+\.[\w-]{43}$/)
  expect(attributes.toSorted()).toEqual(
    ['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Lax', 'Secure'].toSorted(),
  )
  expect((await open(it, code, { cookie: pair! })).headers['set-cookie']).toBeUndefined()
})

test('without the database a link still leads on', async () => {
  const network = await startProxy(it.url)
  const away = await startApp({ APP_SECRET, DATABASE_URL: network.url })
  network.refuse()
  const response = await open(away, code)
  network.pass()
  expect([response.statusCode, response.headers.location]).toEqual([303, `/join/${code}`])
})

test('nothing of the database contradicts itself', async () => {
  expect(await findBroken(it)).toEqual([])
  expect((await send(it, { method: 'GET', url: '/r/' })).statusCode).toBe(404)
})
