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
} from '../../../test/support/app.ts'
import { tokenIn, waitForMail } from '../../../test/support/mail.ts'
import { findBroken } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'
import { ask, createAdmin, trailOf } from './admins.fixture.ts'

const it = await startApp({}, { worker: true })
const root = await createAdmin(it, { username: 'root' })
const me = '/api/v1/users/me'
const block = (user: Account, body: object = {}) =>
  ask([it, root], 'POST', `/${user.id}/block`, body)
const unblock = (user: Account) => ask([it, root], 'POST', `/${user.id}/unblock`)
const detailOf = async ({ id }: { id: string }) => (await ask([it, root], 'GET', `/${id}`)).json()
const login = ({ email }: Account, password = PASSWORD) =>
  post(it, '/api/v1/auth/login', { email, password })
const register = (referral_code: string) =>
  post(it, '/api/v1/auth/register', {
    email: `${newId()}@example.com`,
    password: PASSWORD,
    referral_code,
  })
const stateOf = async (code: string, { email }: Account) => ({
  check: (await get(it, `/api/v1/referrals/codes/${code}`)).json().is_active,
  lookUp: (await get(it, `/api/v1/referrals/code-by-email?email=${email}`)).statusCode,
})

test('a blocked user is signed out everywhere and cannot sign in', async () => {
  const ann = await createAccount(it)
  const phone = (await login(ann)).json()
  expect((await block(ann, { reason: 'Makes up friends.' })).statusCode).toBe(204)
  const change = { method: 'PATCH', url: me, payload: { locale: 'ru' } } as const
  expect((await send(it, change, ann)).json().code).toBe('invalid_token')
  for (const { refresh_token } of [ann, phone]) {
    const asked = { grant_type: 'refresh_token', refresh_token }
    expect((await post(it, '/api/v1/auth/token', asked)).json().error).toBe('invalid_grant')
  }
  expect((await login(ann)).json().code).toBe('invalid_credentials')
  expect(await detailOf(ann)).toMatchObject({
    blocked_at: expect.any(String),
    blocked_reason: 'Makes up friends.',
    sessions: 0,
  })
  expect(await findBroken(it)).toEqual([])
})

test('the code of a blocked user works nowhere, at once, and again when the block is lifted', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  expect(await stateOf(code, ann)).toEqual({ check: true, lookUp: 200 })
  await block(ann)
  expect(await stateOf(code, ann)).toEqual({ check: false, lookUp: 404 })
  expect((await register(code)).json()).toMatchObject({
    status: 422,
    code: 'referral_code_retired',
    errors: [{ pointer: '/referral_code' }],
  })
  expect((await unblock(ann)).statusCode).toBe(204)
  expect(await stateOf(code, ann)).toEqual({ check: true, lookUp: 200 })
  expect((await register(code)).statusCode).toBe(201)
  expect((await login(ann)).statusCode).toBe(200)
  expect(await detailOf(ann)).toMatchObject({ blocked_at: null, blocked_reason: null })
})

test('a second block or its lifting changes nothing and is not written down', async () => {
  const ann = await createAccount(it)
  await block(ann, { reason: 'first' })
  const { blocked_at } = await detailOf(ann)
  expect((await block(ann, { reason: 'second' })).statusCode).toBe(204)
  expect(await detailOf(ann)).toMatchObject({ blocked_at, blocked_reason: 'first' })
  await unblock(ann)
  expect((await unblock(ann)).statusCode).toBe(204)
  const trail = await trailOf(it, ann)
  expect(trail.map(({ action }) => action)).toEqual(['user.blocked', 'user.unblocked'])
})

test('why somebody is blocked is kept beside them, not in the trail, and erased with them', async () => {
  const ann = await createAccount(it)
  await block(ann, { reason: 'Because of what Ann wrote.' })
  expect(JSON.stringify(await trailOf(it, ann))).not.toContain('wrote')
  expect((await ask([it, root], 'DELETE', `/${ann.id}`)).statusCode).toBe(204)
  expect(await detailOf(ann)).toMatchObject({ email: null, blocked_reason: null })
  expect(await findBroken(it)).toEqual([])
})

test('a role holds at once, and is written down with the one before', async () => {
  const ann = await createAccount(it)
  const change = (role: string) => ask([it, root], 'PATCH', `/${ann.id}`, { role })
  const asAnn = () => ask([it, ann], 'PATCH', `/${newId()}`, { role: 'user' })
  expect((await asAnn()).json().code).toBe('admin_only')
  const changed = await change('admin')
  expect([changed.statusCode, changed.json().role]).toEqual([200, 'admin'])
  expect((await asAnn()).json().code).toBe('user_not_found')
  expect((await change('admin')).statusCode).toBe(200)
  await change('user')
  expect((await asAnn()).json().code).toBe('admin_only')
  const told = (from: string, to: string) => ({
    action: 'user.role_changed',
    actor_id: root.id,
    details: { from, to },
  })
  expect(await trailOf(it, ann)).toMatchObject([told('user', 'admin'), told('admin', 'user')])
  expect((await change('root')).json().code).toBe('validation_failed')
})

test('a user is signed out everywhere, and may sign in again', async () => {
  const ann = await createAccount(it)
  await login(ann)
  expect((await ask([it, root], 'DELETE', `/${ann.id}/sessions`)).statusCode).toBe(204)
  expect((await detailOf(ann)).sessions).toBe(0)
  expect((await login(ann)).statusCode).toBe(200)
  expect(await trailOf(it, ann)).toMatchObject([
    { action: 'user.sessions_ended', details: { sessions: 2 } },
  ])
})

test('the link to a new password is mailed, and the old one stays until it is used', async () => {
  const ann = await createAccount(it)
  expect((await ask([it, root], 'POST', `/${ann.id}/reset-password`)).statusCode).toBe(202)
  const token = tokenIn(await waitForMail(it, ann.email, 'Set a new password'))
  expect((await login(ann)).statusCode).toBe(200)
  const password = 'another horse battery'
  const confirm = '/api/v1/auth/reset-password/confirm'
  expect((await post(it, confirm, { token, password })).statusCode).toBe(204)
  expect((await login(ann, password)).statusCode).toBe(200)
  const actions = (await trailOf(it, ann)).map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['user.reset_sent', 'account.password_reset']))
})

test('nobody who is blocked is sent the link', async () => {
  const ann = await createAccount(it)
  await block(ann)
  const answer = await ask([it, root], 'POST', `/${ann.id}/reset-password`)
  expect(answer.json()).toMatchObject({ status: 409, code: 'user_blocked' })
  expect((await trailOf(it, ann)).map(({ action }) => action)).toEqual(['user.blocked'])
})

test('an administrator erases somebody as they would themselves', async () => {
  const ann = await createAccount(it, { username: 'to-be-erased' })
  const code = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code: code })
  expect((await ask([it, root], 'DELETE', `/${ann.id}`)).statusCode).toBe(204)
  expect((await ask([it, root], 'DELETE', `/${ann.id}`)).json().code).toBe('user_not_found')
  expect(await detailOf(ann)).toMatchObject({
    email: null,
    username: null,
    erased_at: expect.any(String),
    active_code: null,
    referrals: 1,
    sessions: 0,
  })
  expect((await detailOf(bob)).referrers).toEqual([{ id: ann.id, name: null, code }])
  expect(await trailOf(it, ann)).toMatchObject([{ action: 'user.erased', actor_id: root.id }])
  for (const change of ['block', 'unblock', 'reset-password']) {
    const answer = await ask([it, root], 'POST', `/${ann.id}/${change}`, {})
    expect(answer.json().code, change).toBe('user_not_found')
  }
  expect((await ask([it, root], 'GET', `/${ann.id}/audit`)).json().items[0].user.name).toBe(null)
  expect(await findBroken(it)).toEqual([])
})

test('erasing somebody needs a sign-in of the last ten minutes', async () => {
  const [old, ann] = [await createAdmin(it), await createAccount(it)]
  const ago = sql<Date>`created_at - interval '11 minutes'`
  await it.ctx.db
    .updateTable('sessions')
    .set({ created_at: ago, expires_at: sql`expires_at - interval '11 minutes'` })
    .where('user_id', '=', old.id)
    .execute()
  const answer = await ask([it, old], 'DELETE', `/${ann.id}`)
  expect(answer.json()).toMatchObject({ status: 403, code: 'reauthentication_required' })
  expect((await detailOf(ann)).erased_at).toBe(null)
})

test.each([
  ['POST', '/block', {}],
  ['PATCH', '', { role: 'user' }],
  ['DELETE', ''],
] as const)('nobody does it to themselves by mistake: %s %s', async (method, path, body?) => {
  for (const id of [root.id, 'me', root.id.replaceAll('-', '').toUpperCase()]) {
    const answer = await ask([it, root], method, `/${id}${path}`, body)
    expect(answer.json()).toMatchObject({ status: 409, code: 'own_account' })
  }
  expect(await detailOf(root)).toMatchObject({ role: 'admin', blocked_at: null, erased_at: null })
})

test('a block that is sent again with its key happens once', async () => {
  const ann = await createAccount(it)
  const request = {
    method: 'POST',
    url: `/api/v1/admin/users/${ann.id}/block`,
    payload: {},
    headers: { 'idempotency-key': newId() },
  } as const
  expect((await send(it, request, root)).statusCode).toBe(204)
  await unblock(ann)
  const again = await send(it, request, root)
  expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([204, 'true'])
  expect((await detailOf(ann)).blocked_at).toBe(null)
})

test('a change that cannot be written down does not happen', async () => {
  const broken = await startApp()
  const [admin, ann] = [await createAdmin(broken), await createAccount(broken)]
  await sql`alter table audit_events add constraint full_disk check (false) not valid`.execute(
    broken.ctx.db,
  )
  const calls = [
    ['POST', '/block', {}],
    ['PATCH', '', { role: 'admin' }],
    ['DELETE', '/sessions'],
    ['POST', '/reset-password'],
    ['DELETE', ''],
  ] as const
  for (const [method, path, body] of calls) {
    const answer = await ask([broken, admin], method, `/${ann.id}${path}`, body)
    expect(answer.statusCode, `${method} ${path}`).toBe(500)
  }
  expect((await ask([broken, admin], 'GET', `/${ann.id}`)).json()).toMatchObject({
    role: 'user',
    blocked_at: null,
    erased_at: null,
    sessions: 1,
  })
  const { rows } = await sql`select 1 from pgboss.job
    where name = 'mail' and data->>'mail' = 'reset'`.execute(broken.ctx.db)
  expect(rows).toEqual([])
})
