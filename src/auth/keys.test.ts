import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { type KyselyPlugin, sql } from 'kysely'
import pino from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAccount, get, startApp } from '../../test/support/app.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { buildApp, prepare } from '../app.ts'
import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { connect } from '../db/connect.ts'
import { SetupError } from '../errors.ts'
import { newId } from '../lib/ids.ts'
import { decrypt, deriveKey } from '../lib/secrets.ts'
import { openContext } from '../open.ts'
import { createKeys, rotateKeys } from './keys.ts'
import { listSigningKeys } from './queries.ts'
import { createAccessTokens } from './tokens.ts'

const it = await startApp()
const JWKS = '/.well-known/jwks.json'
const CLAIMS = { client_id: 'x', scope: 'user', auth_time: 0 }

const keysIn = (ctx: Context) => listSigningKeys(ctx.db)
const keyIn = async (ctx: Context, state: string) =>
  (await keysIn(ctx)).find((key) => key.state === state)!
/** What one instance has in its memory: keys and verified tokens. */
const newInstance = (ctx: Context) => createAccessTokens(ctx, createKeys(ctx))
const sign = (ctx: Context, sid = newId()) => newInstance(ctx).sign({ sub: sid, sid, ...CLAIMS })

beforeEach(async () => {
  await it.ctx.db.deleteFrom('signing_keys').execute()
  await rotateKeys(it.ctx)
})

afterEach(() => void vi.useRealTimers())

test('eight instances that start at once on an empty database make one active and one next key', async () => {
  const url = await cloneDatabase()
  const config = readConfig({ DATABASE_URL: url, APP_SECRET: 'x'.repeat(32) })
  const start = () => openContext(config, url, pino({ level: 'silent' }))
  const instances = await Promise.all(Array.from({ length: 8 }, start))
  await Promise.all(instances.map(({ ctx }) => prepare(ctx)))
  const [{ ctx }] = instances as [(typeof instances)[0]]
  const keys = await keysIn(ctx)
  expect(keys.map((key) => key.state).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'active',
    'next',
  ])
  const token = await sign(ctx)
  for (const instance of instances) await newInstance(instance.ctx).verify(token)
  await Promise.all(instances.map(({ close }) => close()))
})

test('private halves are in the database only encrypted, each under its own nonce', async () => {
  const key = deriveKey(it.ctx.secret, 'signing-keys')
  for (const { private_jwk_encrypted: sealed, public_jwk } of await keysIn(it.ctx)) {
    const { d } = JSON.parse(decrypt(key, sealed)) as { d: string }
    expect(d).toHaveLength(43)
    expect(public_jwk).not.toHaveProperty('d')
    for (const text of [sealed.toString('latin1'), JSON.stringify(public_jwk)]) {
      expect(text).not.toContain(d)
      expect(text).not.toContain('"d"')
    }
    expect(sealed.includes(Buffer.from(d, 'base64url'))).toBe(false)
    const changed = Buffer.from(sealed)
    changed[40]! ^= 1
    expect(() => decrypt(key, changed)).toThrow(/authenticate/)
  }
  const nonces = (await keysIn(it.ctx)).map((key) =>
    key.private_jwk_encrypted.toString('hex', 0, 12),
  )
  expect(new Set(nonces).size).toBe(2)
})

test('a start with the secret of another database says so, and changes nothing', async () => {
  const before = await keysIn(it.ctx)
  const started = prepare({ ...it.ctx, secret: 'another secret of thirty-two chars' })
  await expect(started).rejects.toThrow(SetupError)
  await expect(started).rejects.toThrow(/APP_SECRET.*secrets\.json.*signing_keys/s)
  await expect(rotateKeys({ ...it.ctx, secret: 'x'.repeat(32) }, { force: true })).rejects.toThrow(
    SetupError,
  )
  expect(await keysIn(it.ctx)).toEqual(before)
  await prepare(it.ctx)
})

test('after a rotation the tokens of before and of after are good on every instance', async () => {
  const [here, there] = [newInstance(it.ctx), newInstance(it.ctx)]
  const { id: first } = await keyIn(it.ctx, 'active')
  const { id: second } = await keyIn(it.ctx, 'next')
  const sid = newId()
  const before = await here.sign({ sub: sid, sid, ...CLAIMS })
  await there.verify(before)

  await rotateKeys(it.ctx, { force: true })
  expect((await keyIn(it.ctx, 'retired')).id).toBe(first)
  expect((await keyIn(it.ctx, 'active')).id).toBe(second)
  const after = await sign(it.ctx)
  expect(decodeProtectedHeader(before).kid).toBe(first)
  expect(decodeProtectedHeader(after).kid).toBe(second)
  for (const instance of [here, there, newInstance(it.ctx)]) {
    expect(await instance.verify(before)).toBe(sid)
    await instance.verify(after)
  }
})

test('the published keys are the next, the active and the retired ones, by our own ids', async () => {
  const old = await sign(it.ctx)
  await rotateKeys(it.ctx, { force: true })
  const app = await buildApp(it.ctx)
  const answer = await app.inject(JWKS)
  await app.close()
  expect(answer.headers['cache-control']).toMatch(/^public, max-age=\d+$/)
  const { keys } = answer.json() as JSONWebKeySet
  const ids = (await keysIn(it.ctx)).map((key) => key.id)
  expect(keys.map((key) => key.kid)).toEqual(ids)
  expect(keys).toHaveLength(3)
  for (const key of keys) {
    expect(key).toEqual({
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      kid: key.kid,
      x: expect.any(String),
      y: expect.any(String),
    })
  }
  const foreign = createLocalJWKSet({ keys })
  for (const token of [old, await sign(it.ctx)]) {
    await jwtVerify(token, foreign, { typ: 'at+jwt', algorithms: ['ES256'] })
  }
})

test('an instance learns a key that it has never seen without a restart', async () => {
  const there = newInstance(it.ctx)
  await there.verify(await sign(it.ctx))
  await rotateKeys(it.ctx, { force: true })
  await rotateKeys(it.ctx, { force: true })
  const sid = newId()
  const token = await sign(it.ctx, sid)
  await sleep(1050)
  expect(await there.verify(token)).toBe(sid)
})

test('unknown key ids make an instance ask the database at most once a second', async () => {
  let asked = 0
  const countQueries: KyselyPlugin = {
    transformQuery({ node }) {
      asked++
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const keys = createKeys({ ...it.ctx, db: it.ctx.db.withPlugin(countQueries) })
  const begin = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: begin })
  await keys.current()
  const askedAt = async (ms: number) => {
    vi.setSystemTime(begin + ms)
    await Promise.all(Array.from({ length: 100 }, () => keys.knowing(newId())))
    return asked
  }
  expect([await askedAt(0), await askedAt(999), await askedAt(1000)]).toEqual([1, 1, 2])
  expect([await askedAt(1999), await askedAt(2000)]).toEqual([2, 3])
})

test('a key that was read stays good while the database is away', async () => {
  const away = connect('postgres://nobody@127.0.0.1:1/nowhere')
  const ctx = { ...it.ctx }
  const keys = createKeys(ctx)
  const { active } = await keys.current()
  ctx.db = away.db
  await sleep(1050)
  expect((await keys.knowing(newId())).active).toEqual(active)
  await expect(createKeys(ctx).current()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await away.db.destroy()
})

test('a key signs for 90 days, and a retired one is published for 30 more', async () => {
  const { id } = await keyIn(it.ctx, 'active')
  const age = (days: number) =>
    sql`update signing_keys set activated_at = activated_at - make_interval(days => ${days}),
      retired_at = retired_at - make_interval(days => ${days})`.execute(it.ctx.db)
  await age(89)
  await prepare(it.ctx)
  expect((await keyIn(it.ctx, 'active')).id).toBe(id)
  await age(1)
  await Promise.all([1, 2, 3].map(() => prepare(it.ctx)))
  expect((await keyIn(it.ctx, 'retired')).id).toBe(id)
  expect(await keysIn(it.ctx)).toHaveLength(3)
  await age(31)
  await rotateKeys(it.ctx, { force: true })
  expect((await keysIn(it.ctx)).map((key) => key.id)).not.toContain(id)
  expect(await keysIn(it.ctx)).toHaveLength(3)
})

test('a rotation signs nobody out', async () => {
  const ann = await createAccount(it)
  await rotateKeys(it.ctx, { force: true })
  expect((await get(it, '/api/v1/users/me', ann)).statusCode).toBe(200)
})
