import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { createAccount, post, PASSWORD, send, startApp } from '../../test/support/app.ts'
import { buildApp } from '../app.ts'
import { connect } from '../db/connect.ts'
import { newId } from '../lib/ids.ts'
import { decrypt, deriveKey } from '../lib/secrets.ts'
import { createKeys } from './keys.ts'
import { listSigningKeys } from './queries.ts'
import { createAccessTokens } from './tokens.ts'

const it = await startApp()
const ann = await createAccount(it, { username: 'tokenholder' })
const SESSIONS = '/api/v1/auth/sessions'

const claims = decodeJwt(ann.access_token)
const header = decodeProtectedHeader(ann.access_token) as JWTHeaderParameters
const [head = '', payload = '', signature = ''] = ann.access_token.split('.')

const keys = await listSigningKeys(it.ctx.db)
const [active, next] = ['active', 'next'].map((state) => keys.find((key) => key.state === state)!)
const sealing = deriveKey(it.ctx.secret, 'signing-keys')
const signingKey = await load(decrypt(sealing, active!.private_jwk_encrypted))
const publicJwk = active!.public_jwk as unknown as JWK
const attacker = await generateKeyPair('ES256', { extractable: true })

async function load(jwk: string): Promise<CryptoKey> {
  return (await importJWK(JSON.parse(jwk) as JWK, 'ES256', { extractable: true })) as CryptoKey
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token signed with our own key, but for what is changed; a claim set to undefined is left out. */
function signed(
  changes: JWTPayload = {},
  headers: object = {},
  key: CryptoKey | Uint8Array = signingKey,
) {
  const jwt = new SignJWT({ ...claims, ...changes })
  return jwt.setProtectedHeader({ ...header, ...headers }).sign(key, { crit: { exp: true } })
}

const read = (authorization: string) => send(it, { url: SESSIONS, headers: { authorization } })
const bearing = (token: string) => read(`Bearer ${token}`)

test('an access token is a JWT of RFC 9068 that says nothing personal', async () => {
  expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: active!.id })
  expect(claims).toEqual({
    iss: 'http://localhost:8000',
    aud: 'http://localhost:8000/api/v1',
    sub: ann.id,
    client_id: 'invitree',
    scope: 'user',
    iat: expect.any(Number),
    exp: claims.iat! + 900,
    jti: expect.any(String),
    sid: expect.any(String),
    auth_time: expect.any(Number),
  })
  expect(ann.access_token.length).toBeLessThan(1000)
  expect(JSON.stringify(claims)).not.toMatch(/tokenholder|@/)
})

test('the scheme is read in any case and with more than one space', async () => {
  for (const scheme of ['Bearer ', 'bearer ', 'BEARER ', 'bEaReR   ']) {
    expect((await read(scheme + ann.access_token)).statusCode).toBe(200)
  }
  expect((await bearing(await signed())).statusCode).toBe(200)
})

const day = 86_400
const now = Math.floor(Date.now() / 1000)
const publicText = await exportSPKI(await load(JSON.stringify(publicJwk)))
const attackerJwk = { ...publicJwk, kid: header.kid! }
const CLAIMS = ['iss', 'aud', 'sub', 'client_id', 'scope', 'iat', 'exp', 'jti', 'sid', 'auth_time']

const FORGED: Record<string, () => string | Promise<string>> = {
  'alg none without a signature': () => `${encode({ ...header, alg: 'none' })}.${payload}.`,
  'alg None with our signature': () =>
    `${encode({ ...header, alg: 'None' })}.${payload}.${signature}`,
  'no alg': () => `${encode({ typ: 'at+jwt', kid: header.kid })}.${payload}.${signature}`,
  'HS256 with the public key as PEM': () => signed({}, { alg: 'HS256' }, Buffer.from(publicText)),
  'HS256 with the public key as JWK': () =>
    signed({}, { alg: 'HS256' }, Buffer.from(JSON.stringify(publicJwk))),
  'HS256 with an empty key': () => signed({}, { alg: 'HS256' }, new Uint8Array(32)),
  'ES384 in the header': () => `${encode({ ...header, alg: 'ES384' })}.${payload}.${signature}`,
  'RS256 in the header': () => `${encode({ ...header, alg: 'RS256' })}.${payload}.${signature}`,
  "another's key under our kid": () => signed({}, {}, attacker.privateKey),
  "another's key with its jwk": () => signed({}, { jwk: attackerJwk }, attacker.privateKey),
  "another's key with a jku": () =>
    signed({}, { jku: 'http://127.0.0.1:9/jwks.json' }, attacker.privateKey),
  "another's key with an x5u": () =>
    signed({}, { x5u: 'http://127.0.0.1:9/x' }, attacker.privateKey),
  "another's key with an x5c": () => signed({}, { x5c: ['MIIB'] }, attacker.privateKey),
  'the kid of the next key': () => signed({}, { kid: next!.id }),
  'an unknown kid': () => signed({}, { kid: newId() }),
  'no kid': () => signed({}, { kid: undefined }),
  'a kid that is a number': () => signed({}, { kid: 5 }),
  'a kid that is a path': () => signed({}, { kid: '../../../../dev/null' }),
  'a kid that is SQL': () => signed({}, { kid: "' or state = 'active" }),
  'a kid in upper case': () => signed({}, { kid: header.kid!.toUpperCase() }),
  'the type of another JWT': () => signed({}, { typ: 'JWT' }),
  'the type of an id token': () => signed({}, { typ: 'id+jwt' }),
  'no type': () => signed({}, { typ: undefined }),
  'a critical header': () => signed({}, { crit: ['exp'], exp: 1 }),
  ...Object.fromEntries(CLAIMS.map((name) => [`no ${name}`, () => signed({ [name]: undefined })])),
  'another issuer': () => signed({ iss: 'http://localhost:8001' }),
  'the issuer with a slash': () => signed({ iss: 'http://localhost:8000/' }),
  'another audience': () => signed({ aud: 'http://localhost:8000' }),
  'a list of other audiences': () => signed({ aud: ['a', 'b'] }),
  'a token of yesterday': () => signed({ iat: now - day, exp: now - day + 900 }),
  'a token that ends this second': () => signed({ exp: now }),
  'an exp that is a text': () => signed({ exp: String(now + 900) as unknown as number }),
  'an nbf in the future': () => signed({ nbf: now + 60 }),
  'an unknown session': () => signed({ sid: newId() }),
  'a session that is no id': () => signed({ sid: 'x' }),
  'a session that is a list': () => signed({ sid: [claims['sid']] }),
  'a changed payload': () => `${head}.${encode({ ...claims, scope: 'user admin' })}.${signature}`,
  'a changed signature': () => `${head}.${payload}.${flip(signature, 20)}`,
  'a signature of nothing but zeros': () =>
    `${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
  'a signature cut off': () => `${head}.${payload}.${signature.slice(0, -4)}`,
  'no signature': () => `${head}.${payload}.`,
  'two segments': () => `${head}.${payload}`,
  'one segment': () => head,
  'a fourth segment': () => `${ann.access_token}.`,
  'five segments': () => `${ann.access_token}.${payload}.${signature}`,
  'a header that is no JSON': () => `eyJ.${payload}.${signature}`,
  'a header that is null': () => `${encode(null)}.${payload}.${signature}`,
  'a payload that is a list': () => `${head}.${encode([])}.${signature}`,
  'a token of 5 kB': () => signed({ padding: 'a'.repeat(4000) }),
  'a token of 5 kB of nothing': () => 'a'.repeat(5000),
  'the refresh token': () => ann.refresh_token,
  'the token twice': () => `${ann.access_token},${ann.access_token}`,
  'a token in quotation marks': () => `"${ann.access_token}"`,
  'a space in the token': () => `${head}. ${payload}.${signature}`,
  'a word after the token': () => `${ann.access_token} x`,
  'an empty token': () => '',
  'a token in base64 with padding': () => `${ann.access_token}==`,
  'a token in another spelling': () =>
    ann.access_token.slice(0, -1) +
    String.fromCharCode(ann.access_token.charCodeAt(-1 + ann.access_token.length) + 1),
}

function flip(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

test('every forged or changed token is 401 with one and the same body', async () => {
  const bodies = new Set<string>()
  expect(Object.keys(FORGED).length).toBeGreaterThan(60)
  for (const [name, make] of Object.entries(FORGED)) {
    const answer = await bearing(await make())
    expect(answer.statusCode, name).toBe(401)
    expect(answer.headers['www-authenticate'], name).toBe(
      'Bearer realm="invitree", error="invalid_token"',
    )
    bodies.add(JSON.stringify({ ...answer.json(), request_id: '' }))
    expect(bodies.size, name).toBe(1)
  }
  expect([...bodies][0]).toContain('"code":"invalid_token"')
  expect((await bearing(ann.access_token)).statusCode).toBe(200)
})

test('another scheme is no sign-in, and asks for one', async () => {
  for (const authorization of [
    'Basic Og==',
    'Digest x',
    'Token x',
    'Bearers x',
    ann.access_token,
    '',
  ]) {
    expect((await read(authorization)).json()).toMatchObject({ status: 401, code: 'unauthorized' })
  }
})

test('an operation that works without signing in refuses a wrong token all the same', async () => {
  const url = `/api/v1/referrals/code-by-email?email=${encodeURIComponent(ann.email)}`
  for (const authorization of ['Bearer x', 'Bearer', `Bearer ${ann.access_token} x`]) {
    const answer = await send(it, { url, headers: { authorization } })
    expect(answer.json()).toMatchObject({ status: 401, code: 'invalid_token' })
  }
  expect((await send(it, { url, headers: { authorization: 'Basic Og==' } })).statusCode).toBe(404)
})

test('two Authorization headers are refused, whichever of them is good', async () => {
  await it.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = it.app.server.address() as AddressInfo
  const statusOf = (...given: string[]) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = ['Host', `127.0.0.1:${port}`, 'Connection', 'close']
      for (const value of given) headers.push('Authorization', value)
      const url = `http://127.0.0.1:${port}${SESSIONS}`
      const sent = httpRequest(url, { headers }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode))
      })
      sent.on('error', reject).end()
    })
  const good = `Bearer ${ann.access_token}`
  expect(await statusOf(good)).toBe(200)
  expect(await statusOf(good, good)).toBe(401)
  expect(await statusOf(good, 'Bearer x')).toBe(401)
  expect(await statusOf('Bearer x', good)).toBe(401)
  expect(await statusOf('Basic Og==', good)).toBe(401)
})

afterEach(() => void vi.useRealTimers())

test('tokens that were verified are remembered up to a bound and not beyond their expiry', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const ring = createKeys(it.ctx)
  let asked = 0
  const counting = { ...ring, knowing: (id: string) => (asked++, ring.knowing(id)) }
  let laterMs = 0
  const clock = { ...it.ctx.clock, now: () => it.ctx.clock.now() + laterMs }
  const brief = { ...it.ctx, clock, config: { ...it.ctx.config, ACCESS_TOKEN_TTL: 2 } }
  const tokens = createAccessTokens(brief, counting, 4)
  const sign = () =>
    tokens.sign({ sub: ann.id, sid: newId(), client_id: 'x', scope: 'user', auth_time: now })
  const many = await Promise.all(Array.from({ length: 20 }, sign))
  for (const token of many) await tokens.verify(token)
  expect(asked).toBe(20)
  await tokens.verify(many.at(-1)!)
  expect(asked).toBe(20)
  // At most twice the bound is kept.
  for (const token of many.toReversed()) await tokens.verify(token)
  expect(asked).toBeGreaterThanOrEqual(32)
  laterMs = 2000
  vi.setSystemTime(Date.now() + laterMs)
  for (const token of many) {
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'invalid_token' })
  }
})

test('while the database is away a token is not called wrong', async () => {
  const away = connect('postgres://nobody@127.0.0.1:1/nowhere')
  const app = await buildApp({ ...it.ctx, db: away.db })
  const answer = await app.inject({ url: SESSIONS, headers: ann.headers })
  expect(answer.json()).toMatchObject({ status: 503, code: 'unavailable' })
  const payload = { token: ann.access_token }
  const revoked = await app.inject({ method: 'POST', url: '/api/v1/auth/revoke', payload })
  expect(revoked.json()).toMatchObject({ error: 'temporarily_unavailable' })
  await app.close()
  await away.db.destroy()
  const fields = { email: ann.email, password: PASSWORD }
  expect((await post(it, '/api/v1/auth/login', fields)).statusCode).toBe(200)
})
