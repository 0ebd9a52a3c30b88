import { expect, test } from 'vitest'
import {
  createAccount,
  get,
  PASSWORD,
  post,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { prepare } from '../app.ts'
import { ConfigError } from '../config.ts'
import { SetupError } from '../errors.ts'
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

/** What a start does that finds these two variables. */
const startWith = ({ ctx }: TestApp, email: string, password = PASSWORD) =>
  prepare({ ...ctx, config: { ...ctx.config, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } })

const admins = ({ ctx }: TestApp) =>
  ctx.db.selectFrom('users').select('email').where('role', '=', 'admin').execute()

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

test('whoever registered with ADMIN_EMAIL before does not become the administrator: the start stops', async () => {
  const own = await startApp()
  const early = await createAccount(own, { email: 'admin@example.com' })
  const start = startWith(own, 'Admin@Example.com')
  await expect(start).rejects.toBeInstanceOf(SetupError)
  await expect(start).rejects.toThrow(/ADMIN_EMAIL.+`invitree create-admin/)
  expect((await get(own, '/api/v1/users/me', early)).json().role).toBe('user')
  expect(await admins(own)).toEqual([])
  expect(await told(own, early.email)).toEqual([])
})

test('where there is an administrator ADMIN_EMAIL changes nothing, not even for its own account', async () => {
  const own = await startApp()
  const ann = await createAccount(own)
  await createAdmin(own.ctx, by, { email: 'root@example.com', password: PASSWORD })
  for (const email of [ann.email, 'root@example.com', 'new@example.com']) {
    await startWith(own, email, 'another password of theirs')
  }
  expect(await admins(own)).toEqual([{ email: 'root@example.com' }])
  const signIn = { email: 'root@example.com', password: PASSWORD }
  expect((await post(own, '/api/v1/auth/login', signIn)).statusCode).toBe(200)
})

test('of starts at once one makes the administrator, and all of them go on', async () => {
  for (const emailOf of [() => 'root@example.com', (n: number) => `root${n}@example.com`]) {
    const own = await startApp()
    await Promise.all([1, 2, 3, 4].map((n) => startWith(own, emailOf(n))))
    const [admin, ...others] = await admins(own)
    expect(others).toEqual([])
    expect(await told(own, admin!.email!)).toEqual([made(null, 'ADMIN_EMAIL')])
  }
})

test('a common password of ADMIN_PASSWORD is a wrong configuration, told by its name', async () => {
  const own = await startApp()
  const start = startWith(own, 'root@example.com', 'password1')
  await expect(start).rejects.toBeInstanceOf(ConfigError)
  await expect(start).rejects.toThrow(/ADMIN_PASSWORD is too easy to guess/)
  expect(await admins(own)).toEqual([])
})
