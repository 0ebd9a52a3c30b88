import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { findBroken, insertCode } from '../../test/support/rows.ts'
import { connectRedis } from '../../test/support/redis.ts'
import { startSmtp } from '../../test/support/smtp.ts'
import { newId } from '../lib/ids.ts'

const it = await startApp({}, { worker: true })
const me = '/api/v1/users/me'
const erase = (account: Account) => send(it, { method: 'DELETE', url: me }, account)
const login = (email: string, headers: Record<string, string> = {}) =>
  send(it, {
    method: 'POST',
    url: '/api/v1/auth/login',
    payload: { email, password: PASSWORD },
    headers,
  })

/** Makes every sign-in of an account one of `minutes` ago. */
const age = (account: Account, minutes: number) =>
  it.ctx.db
    .updateTable('sessions')
    .set({
      created_at: sql`created_at - make_interval(mins => ${minutes})`,
      expires_at: sql`expires_at - make_interval(mins => ${minutes})`,
    })
    .where('user_id', '=', account.id)
    .execute()

/** The tables in which a text stands anywhere, in any case. */
async function tablesWith(text: string, { ctx } = it): Promise<string[]> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`.execute(ctx.db)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['users', 'job']))
  const found: string[] = []
  for (const { schema, name } of rows) {
    const table = sql.id(schema, name)
    const hits = await sql`
      select 1 from ${table} as row where row::text ilike ${`%${text}%`} limit 1`.execute(ctx.db)
    if (hits.rows.length > 0) found.push(name)
  }
  return found.toSorted()
}

const answersOf = (userId: string) =>
  it.ctx.db.selectFrom('idempotency_keys').select('id').where('user_id', '=', userId).execute()

test('after an erasure nothing personal is left in any table, nor in Redis', async () => {
  const marker = `zq${newId().slice(-12)}`
  const email = `${marker}@example.com`
  const keyed = { 'idempotency-key': newId(), 'user-agent': `${marker}/1.0` }
  const payload = { email, password: PASSWORD, username: `${marker}-name` }
  const registered = await send(it, {
    method: 'POST',
    url: '/api/v1/auth/register',
    payload,
    headers: keyed,
  })
  const { id } = registered.json()
  const signIn = { email, password: PASSWORD, client_id: `${marker}-app` }
  const tokens = (
    await send(it, { method: 'POST', url: '/api/v1/auth/login', payload: signIn, headers: keyed })
  ).json()
  const ann = { id, email, ...tokens, headers: { authorization: `Bearer ${tokens.access_token}` } }
  const profile = { name: marker, company: marker, avatar_url: `https://example.com/${marker}` }
  await it.ctx.db.updateTable('users').set(profile).where('id', '=', id).execute()
  const code = await createCode(it, ann)
  await get(it, `/api/v1/referrals/codes/${code}`)
  await post(it, '/api/v1/auth/reset-password', { email })
  expect(await tablesWith(marker)).toEqual(['sessions', 'users'])
  expect(await answersOf(id)).toHaveLength(1)

  expect((await erase(ann)).statusCode).toBe(204)
  expect(await tablesWith(marker)).toEqual([])
  expect(await answersOf(id)).toEqual([])
  expect(await textsInRedis()).not.toContain(marker)
  expect(JSON.stringify(it.logged)).not.toContain(marker)
  expect(await findBroken(it)).toEqual([])
})

async function textsInRedis(): Promise<string> {
  const url = process.env['TEST_REDIS_URL']
  if (!url) return ''
  const redis = await connectRedis(url)
  const texts: string[] = []
  for await (const names of redis.scanIterator({ COUNT: 1000 })) {
    for (const name of names) {
      const isText = (await redis.type(name)) === 'string'
      texts.push(name, (isText && (await redis.get(name))) || '')
    }
  }
  return texts.join('\n')
}

test('an erased account cannot be used, and its code invites nobody', async () => {
  const ann = await createAccount(it, { username: 'gone-ann' })
  const phone = (await login(ann.email)).json()
  const code = await createCode(it, ann)
  expect((await get(it, `/api/v1/referrals/codes/${code}`)).json().referrer_name).toBe('gone-ann')
  expect((await erase(ann)).body).toBe('')
  expect((await erase(ann)).json()).toMatchObject({ status: 401, code: 'invalid_token' })
  const change = { method: 'PATCH', url: me, payload: { username: 'back' } } as const
  expect((await send(it, change, ann)).json().code).toBe('invalid_token')
  expect((await get(it, me, ann)).json().code).toBe('invalid_token')
  expect((await get(it, `${me}/export`, ann)).json().code).toBe('invalid_token')
  for (const { refresh_token } of [ann, phone]) {
    const asked = { grant_type: 'refresh_token', refresh_token }
    expect((await post(it, '/api/v1/auth/token', asked)).json().error).toBe('invalid_grant')
  }
  expect((await login(ann.email)).json().code).toBe('invalid_credentials')
  expect((await get(it, `/api/v1/referrals/codes/${code}`)).json()).toMatchObject({
    is_active: false,
    referrer_name: null,
  })
  const friend = { email: 'late@example.com', password: PASSWORD, referral_code: code }
  expect((await post(it, '/api/v1/auth/register', friend)).json().code).toBe(
    'referral_code_retired',
  )
})

test('what was cached of the name and the address is forgotten, of retired codes too', async () => {
  const ann = await createAccount(it, { username: 'cached-ann' })
  const old = await insertCode(it, ann)
  await it.ctx.db
    .updateTable('referral_codes')
    .set({ retired_at: sql`clock_timestamp()` })
    .where('id', '=', old.id)
    .execute()
  const { code } = await insertCode(it, ann)
  const nameOf = async (text: string) =>
    (await get(it, `/api/v1/referrals/codes/${text}`)).json().referrer_name
  const lookUp = () => get(it, `/api/v1/referrals/code-by-email?email=${ann.email}`)
  expect([await nameOf(old.code), await nameOf(code)]).toEqual(['cached-ann', 'cached-ann'])
  expect((await lookUp()).statusCode).toBe(200)
  await erase(ann)
  expect([await nameOf(old.code), await nameOf(code)]).toEqual([null, null])
  expect((await lookUp()).json().code).toBe('code_not_found')
})

test('the counts of others stay true, and the erased friend has no name', async () => {
  const ann = await createAccount(it)
  const referral_code = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code, username: 'bob-who-goes' })
  await erase(bob)
  const list = (await get(it, `${me}/referrals`, ann)).json()
  expect(list).toMatchObject({ total: 1, items: [{ id: bob.id, email: null, username: null }] })
  expect((await get(it, '/api/v1/referrals/code', ann)).json().uses).toBe(1)
})

test('the address and the name are free again, for somebody new', async () => {
  const ann = await createAccount(it)
  const referral_code = await createCode(it, ann)
  const names = { email: 'again@example.com', username: 'again', referral_code }
  const first = await createAccount(it, names)
  await erase(first)
  const second = await createAccount(it, names)
  expect(second.id).not.toBe(first.id)
  expect((await get(it, `${me}/referrals`, ann)).json().total).toBe(2)
  expect(await findBroken(it)).toEqual([])
})

test('a sign-in of more than ten minutes ago does not suffice, refreshed or not', async () => {
  const ann = await createAccount(it)
  await age(ann, 11)
  const asked = { grant_type: 'refresh_token', refresh_token: ann.refresh_token }
  const fresh = (await post(it, '/api/v1/auth/token', asked)).json()
  const refreshed = { ...ann, headers: { authorization: `Bearer ${fresh.access_token}` } }
  for (const account of [ann, refreshed]) {
    expect((await erase(account)).json()).toMatchObject({
      status: 403,
      code: 'reauthentication_required',
    })
  }
  const again = (await login(ann.email)).json()
  const signedIn = { ...ann, headers: { authorization: `Bearer ${again.access_token}` } }
  expect((await erase(signedIn)).statusCode).toBe(204)
})

test('nobody erases or exports without signing in', async () => {
  expect((await send(it, { method: 'DELETE', url: me })).json().code).toBe('unauthorized')
  expect((await get(it, `${me}/export`)).json().code).toBe('unauthorized')
})

test('a mail that is refused leaves no address in the queue, though the refusal names it', async () => {
  const smtp = await startSmtp({
    onRcptTo: ({ address }, _session, done) => done(new Error(`5.1.1 <${address}>: unknown`)),
  })
  const app = await startApp({ SMTP_URL: smtp.url }, { worker: true })
  const ann = await createAccount(app)
  const output = async () => {
    const { rows } = await sql<{ output: unknown }>`
      select output from pgboss.job where output is not null`.execute(app.ctx.db)
    return JSON.stringify(rows)
  }
  await expect.poll(output).toContain('550')
  expect(await tablesWith(ann.email, app)).toEqual(['users'])
})
