import { expect, test } from 'vitest'
import {
  createAccount,
  get,
  PASSWORD,
  post,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { newId } from '../lib/ids.ts'
import { createAdmin } from './service.ts'

const it = await startApp()
const by = { id: null, request_id: 'create-admin' }

const told = (it: TestApp, email: string) =>
  it.ctx.db
    .selectFrom('audit_events')
    .innerJoin('users', 'users.id', 'audit_events.user_id')
    .select(['action', 'actor_id', 'details', 'request_id'])
    .where('email', '=', email)
    .execute()

const made = (from: string | null, request_id: string) => ({
  action: 'user.role_changed',
  actor_id: null,
  details: { from, to: 'admin' },
  request_id,
})

test('an administrator made by command is written down, made anew or promoted, once', async () => {
  const email = `${newId()}@example.com`
  expect(await createAdmin(it.ctx, by, { email, password: PASSWORD })).toBe('created')
  expect(await createAdmin(it.ctx, by, { email, password: PASSWORD })).toBe('promoted')
  expect(await told(it, email)).toEqual([made(null, 'create-admin')])

  const ann = await createAccount(it)
  const other = { email: ann.email.toUpperCase(), password: 'a password that is not taken' }
  expect(await createAdmin(it.ctx, by, other)).toBe('promoted')
  expect(await told(it, ann.email)).toEqual([made('user', 'create-admin')])
  expect((await get(it, '/api/v1/users/me', ann)).json().role).toBe('admin')
})

test('the administrator of ADMIN_EMAIL is written down, who signs in at once', async () => {
  const email = 'first@example.com'
  const own = await startApp({ ADMIN_EMAIL: email, ADMIN_PASSWORD: PASSWORD })
  expect(await told(own, email)).toEqual([made(null, 'ADMIN_EMAIL')])
  const { scope } = (await post(own, '/api/v1/auth/login', { email, password: PASSWORD })).json()
  expect(scope).toBe('user admin')
})
