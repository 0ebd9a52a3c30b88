import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createAccount, get, PASSWORD, post, send, startApp } from '../../test/support/app.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { startService } from '../../test/support/service.ts'
import { newId } from '../lib/ids.ts'
import { findSetupLink } from './setup.ts'

const SETUP = '/api/v1/setup'
const ADMIN = { email: 'root@example.com', password: PASSWORD }
const start = (env: Record<string, string> = {}) => startApp({ RATE_LIMITS: 'on', ...env })
type App = Awaited<ReturnType<typeof start>>

/** Where nobody becomes an administrator. */
const untouched = await start()

const tokenOf = async ({ ctx }: App) => (await findSetupLink(ctx))!.split('#token=')[1]!
const needed = async (it: App) => (await get(it, SETUP)).json()
const admins = ({ ctx }: App) =>
  ctx.db.selectFrom('users').select(['id', 'email']).where('role', '=', 'admin').execute()

test('the link that is printed at the start makes the first administrator, who signs in', async () => {
  const service = await startService({ DATABASE_URL: await cloneDatabase() })
  await expect.poll(() => service.output.join('\n')).toContain('no administrator yet')
  const printed = service.output.filter((line) => line.includes('/setup#token='))
  expect(printed).toHaveLength(1)
  expect(printed[0]).not.toMatch(/^\{/)
  const token = /#token=([\w-]{43})$/.exec(printed[0]!)![1]!
  const ask = (path: string, body: object, headers = {}) =>
    fetch(`${service.address}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const made = await ask('setup', { token, ...ADMIN })
  expect(made.status).toBe(201)
  expect(made.headers.get('location')).toBe('/api/v1/users/me')
  expect(await made.json()).toMatchObject({ email: ADMIN.email, role: 'admin' })
  const signedIn = await ask('auth/login', ADMIN)
  expect(((await signedIn.json()) as { scope: string }).scope).toBe('user admin')
  expect(await (await fetch(`${service.address}${SETUP}`)).json()).toEqual({ needed: false })
})

test('once there is an administrator the link is of no use, and none is printed', async () => {
  const it = await start()
  const token = await tokenOf(it)
  expect(await needed(it)).toEqual({ needed: true })
  expect((await post(it, SETUP, { token, ...ADMIN })).statusCode).toBe(201)
  expect(await needed(it)).toEqual({ needed: false })
  const again = await post(it, SETUP, { token, email: 'two@example.com', password: PASSWORD })
  expect(again.json()).toMatchObject({ status: 410, code: 'setup_done' })
  expect(await admins(it)).toHaveLength(1)
  expect(await findSetupLink(it.ctx)).toBeUndefined()
})

test('ADMIN_EMAIL makes a set-up needless', async () => {
  const it = await start({ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: PASSWORD })
  expect(await needed(it)).toEqual({ needed: false })
  const token = 'any'
  expect((await post(it, SETUP, { token, ...ADMIN })).json().code).toBe('setup_done')
})

test('of twenty at once one becomes the administrator', async () => {
  const it = await start()
  const token = await tokenOf(it)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      post(it, SETUP, { token, email: `root${n}@example.com`, password: PASSWORD }),
    ),
  )
  const statuses = answers.map(({ statusCode }) => statusCode)
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  expect(statuses.filter((status) => status === 410)).toHaveLength(19)
  expect(await admins(it)).toHaveLength(1)
})

test('a link of another installation, or none, is refused, and hashes nothing', async () => {
  const it = untouched
  const other = { ...it, ctx: { ...it.ctx, secret: 'of another installation' } }
  for (const token of ['x', 'é'.repeat(43), await tokenOf(other)]) {
    const refused = await post(it, SETUP, { token, ...ADMIN })
    expect(refused.json()).toMatchObject({ status: 403, code: 'setup_token_wrong' })
  }
  expect((await post(it, SETUP, ADMIN)).json().errors[0]).toMatchObject({ pointer: '/token' })
  expect(await admins(it)).toEqual([])
})

test('the token is not to be guessed: ten wrong ones an hour from an address', async () => {
  const it = await start()
  const guess = (token: string, remoteAddress = '203.0.113.9') =>
    send(it, { method: 'POST', url: SETUP, remoteAddress, payload: { token, ...ADMIN } })
  for (let count = 0; count < 10; count++) expect((await guess(newId())).statusCode).toBe(403)
  const refused = await guess(await tokenOf(it))
  expect(refused.statusCode).toBe(429)
  expect(refused.headers['ratelimit-policy']).toContain('"setup";q=10;w=3600')
  expect((await guess(await tokenOf(it), '203.0.113.10')).statusCode).toBe(201)
})

test('whoever registered with the address before does not become the administrator', async () => {
  const it = untouched
  const early = await createAccount(it, { email: ADMIN.email })
  const refused = await post(it, SETUP, { token: await tokenOf(it), ...ADMIN })
  expect(refused.json()).toMatchObject({ status: 409, code: 'email_taken' })
  expect((await get(it, '/api/v1/users/me', early)).json().role).toBe('user')
})

test('a weak password is refused and leaves the link as it was', async () => {
  const it = untouched
  const token = await tokenOf(it)
  const weak = await post(it, SETUP, { token, email: ADMIN.email, password: 'password' })
  expect(weak.json()).toMatchObject({ status: 422, code: 'weak_password' })
  expect(await needed(it)).toEqual({ needed: true })
})

test('the first administrator signs in where addresses must be confirmed, and the audit trail tells', async () => {
  const it = await start({ EMAIL_VERIFICATION: 'required' })
  const made = await post(it, SETUP, { token: await tokenOf(it), ...ADMIN })
  expect((await post(it, '/api/v1/auth/login', ADMIN)).statusCode).toBe(200)
  const events = await it.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'actor_id', 'request_id'])
    .where('user_id', '=', made.json().id)
    .where('action', '=', 'user.role_changed')
    .execute()
  expect(events).toEqual([
    { action: 'user.role_changed', actor_id: null, request_id: made.headers['x-request-id'] },
  ])
})

test('nothing of the token is kept in the database', async () => {
  const it = await start()
  const token = await tokenOf(it)
  await post(it, SETUP, { token: 'wrong', ...ADMIN })
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(
    it.ctx.db,
  )
  for (const { name } of rows) {
    const hits = await sql`
      select 1 from ${sql.table(name)} as row where row::text like ${`%${token}%`}`.execute(
      it.ctx.db,
    )
    expect(hits.rows, name).toEqual([])
  }
})
