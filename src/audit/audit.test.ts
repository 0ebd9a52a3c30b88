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
import { promote, untried } from '../../test/support/rows.ts'
import { newId, newIdAt } from '../lib/ids.ts'
import { record } from './service.ts'

const it = await startApp()
const root = await createAccount(it, { username: 'root' })
await promote(it, root)
const list = async (query = '') => (await get(it, `/api/v1/admin/audit?${query}`, root)).json()
const by = { id: root.id, request_id: 'req-12345678' }
const tell = (user: { id: string }, details = {}) =>
  record(it.ctx, by, { action: 'user.blocked', user_id: user.id, details })
const eventsOf = async (account: Account, query = '') =>
  (await get(it, `/api/v1/users/me/security-events?${query}`, account)).json()
const change = (
  account: Account,
  method: 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
) => send(it, { method, url, ...(body && { payload: body }) }, account)

test('the trail tells who did what to whom, newest first, by cursor', async () => {
  const ann = await createAccount(it, { username: 'told-ann' })
  for (let n = 0; n < 3; n++) await tell(ann, { n })
  const page = await list(`user_id=${ann.id}&size=2`)
  expect(page).toMatchObject({ total: 3, total_is_exact: true })
  expect(page.items[0]).toEqual({
    id: expect.any(String),
    at: expect.stringMatching(/Z$/),
    actor: { id: root.id, name: 'root' },
    user: { id: ann.id, name: 'told-ann' },
    action: 'user.blocked',
    target_id: null,
    details: { n: 2 },
    request_id: 'req-12345678',
  })
  const rest = await list(`user_id=${ann.id}&size=2&cursor=${page.next_cursor}`)
  expect([rest.items.length, rest.items[0].details, rest.next_cursor]).toEqual([1, { n: 0 }, null])
})

test('filters are those of the query, all at once', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  await tell(ann)
  await record(it.ctx, { ...by, id: bob.id }, { action: 'user.unblocked', user_id: ann.id })
  const actions = async (query: string) =>
    (await list(`user_id=${ann.id}&${query}`)).items.map(({ action }: { action: string }) => action)
  expect(await actions('')).toEqual(['user.unblocked', 'user.blocked'])
  expect(await actions('action=user.blocked')).toEqual(['user.blocked'])
  expect(await actions(`actor_id=${bob.id.replaceAll('-', '')}`)).toEqual(['user.unblocked'])
  expect(await actions('actor_id=me')).toEqual(['user.blocked'])
  expect(await actions(`actor_id=${newId()}`)).toEqual([])
  for (const query of ['actor_id=x', 'user_id=x', 'action=user.flown', 'from=now']) {
    expect((await list(query)).code, query).toBe('validation_failed')
  }
})

test('a span of time holds its beginning and not its end', async () => {
  const moment = Date.parse('2020-03-01T12:00:00.000Z')
  const insert = (ms: number) =>
    it.ctx.db
      .insertInto('audit_events')
      .values({
        id: newIdAt(moment + ms),
        at: new Date(moment + ms),
        action: 'user.blocked',
        request_id: `at ${ms}`,
      })
      .execute()
  for (const ms of [-1, 0, 1]) await insert(ms)
  const found = async (query: string) =>
    (await list(query)).items.map(({ request_id }: { request_id: string }) => request_id)
  const [start, end] = ['2020-03-01T12:00:00Z', '2020-03-01T12:00:00.001Z']
  expect(await found(`from=${start}&to=${end}`)).toEqual(['at 0'])
  expect(await found(`to=${end}`)).toEqual(['at 0', 'at -1'])
})

test('only administrators read the trail', async () => {
  const eve = await createAccount(it)
  expect((await get(it, '/api/v1/admin/audit', eve)).json()).toMatchObject({
    status: 403,
    code: 'admin_only',
  })
  expect((await get(it, '/api/v1/admin/audit')).json().code).toBe('unauthorized')
})

test('what is written stays: no change, no deletion, no emptying; the oldest may go', async () => {
  const ann = await createAccount(it)
  await tell(ann)
  const { ctx } = it
  const refused = { constraint: 'audit_events_append_only' }
  const mine = ctx.db.updateTable('audit_events').set({ action: 'user.unblocked' })
  await expect(mine.where('user_id', '=', ann.id).execute()).rejects.toMatchObject(refused)
  const gone = ctx.db.deleteFrom('audit_events').where('user_id', '=', ann.id)
  await expect(gone.execute()).rejects.toMatchObject(refused)
  await expect(sql`truncate audit_events`.execute(ctx.db)).rejects.toMatchObject(refused)
  await expect(sql`truncate users cascade`.execute(ctx.db)).rejects.toMatchObject(refused)
  expect((await list(`user_id=${ann.id}`)).total).toBe(1)

  const at = sql<Date>`clock_timestamp() - interval '91 days'`
  const old = { id: newId(), at, action: 'user.blocked', request_id: 'old' }
  await ctx.db.insertInto('audit_events').values(old).execute()
  const { numDeletedRows } = await ctx.db
    .deleteFrom('audit_events')
    .where('id', '=', old.id)
    .executeTakeFirstOrThrow()
  expect(numDeletedRows).toBe(1n)
})

test('a change that fails leaves nothing in the trail', async () => {
  const ann = await createAccount(it)
  const failing = untried(it, async (ctx) => {
    await record(ctx, by, { action: 'user.blocked', user_id: ann.id })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect((await list(`user_id=${ann.id}`)).total).toBe(0)
})

test('nobody erased has a name in the trail', async () => {
  const ann = await createAccount(it, { username: 'erased-actor' })
  await record(it.ctx, { ...by, id: ann.id }, { action: 'user.invited', user_id: root.id })
  await change(ann, 'DELETE', '/api/v1/users/me')
  const { items } = await list(`actor_id=${ann.id}`)
  expect(items).toMatchObject([
    { action: 'user.erased', actor: { id: ann.id, name: null }, user: { id: ann.id, name: null } },
    { action: 'user.invited', actor: { id: ann.id, name: null }, user: { name: 'root' } },
  ])
})

test('a user sees what happened to the account, by whom, and on which device', async () => {
  const ann = await createAccount(it)
  const login = (agent: string) =>
    send(it, {
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { email: ann.email, password: PASSWORD },
      headers: { 'user-agent': agent },
    })
  const phone = (await login('phone/1.0')).json()
  await login('tablet/1.0')
  const sessions = (await get(it, '/api/v1/auth/sessions', ann)).json().items
  const tablet = sessions.find((one: { user_agent: string }) => one.user_agent === 'tablet/1.0')
  await change(ann, 'DELETE', `/api/v1/auth/sessions/${tablet.id}`)
  await post(it, '/api/v1/auth/revoke', { token: phone.refresh_token })
  await login('phone/1.0')
  await change(ann, 'DELETE', '/api/v1/auth/sessions')
  const passwords = { current_password: PASSWORD, new_password: 'another horse battery' }
  await change(ann, 'POST', '/api/v1/auth/change-password', passwords)
  const code = await createCode(it, ann)
  await change(root, 'DELETE', `/api/v1/referrals/codes/${code}`)
  await change(root, 'PATCH', `/api/v1/admin/users/${ann.id}`, { role: 'admin' })

  const { items, total } = await eventsOf(ann)
  expect(total).toBe(8)
  const told = items.map((event: Record<string, unknown>) => [
    event['action'],
    event['by'],
    event['device'],
  ])
  expect(told).toEqual([
    ['user.role_changed', 'administrator', null],
    ['code.retired', 'administrator', null],
    ['account.password_changed', 'me', null],
    ['account.session_ended', 'me', null],
    ['account.session_ended', 'me', 'phone/1.0'],
    ['account.session_ended', 'me', 'tablet/1.0'],
    ['account.new_device', 'me', 'tablet/1.0'],
    ['account.new_device', 'me', 'phone/1.0'],
  ])
  expect(JSON.stringify(items)).not.toContain(root.id)
  const exported = (await get(it, '/api/v1/users/me/export', ann)).json()
  expect(exported.security_events).toEqual(items)
  const page = await eventsOf(ann, 'size=3&page=3')
  expect(page.items).toEqual(items.slice(6))
})

test('a stolen refresh token that is used twice is told of', async () => {
  const ann = await createAccount(it)
  const use = (refresh_token: string) =>
    post(it, '/api/v1/auth/token', { grant_type: 'refresh_token', refresh_token })
  const second = (await use(ann.refresh_token)).json()
  await use(second.refresh_token)
  expect((await use(ann.refresh_token)).json().error).toBe('invalid_grant')
  const again = (
    await post(it, '/api/v1/auth/login', { email: ann.email, password: PASSWORD })
  ).json()
  const { items } = await eventsOf({
    ...ann,
    headers: { authorization: `Bearer ${again.access_token}` },
  })
  expect(items).toMatchObject([
    { action: 'account.session_ended', by: null, details: { reason: 'token_reused' } },
  ])
})

test('everybody sees their own events alone', async () => {
  const [ann, eve] = [await createAccount(it), await createAccount(it)]
  await tell(ann)
  expect((await eventsOf(ann)).total).toBe(1)
  expect((await eventsOf(eve)).total).toBe(0)
  expect((await get(it, '/api/v1/users/me/security-events')).json().code).toBe('unauthorized')
})
