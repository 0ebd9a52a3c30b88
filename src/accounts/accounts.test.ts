import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  get,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'

const it = await startApp()
const register = (body: object) => post(it, '/api/v1/auth/register', body)

test('a person registers with an e-mail address and a password', async () => {
  const response = await register({ email: ' Ann@Example.com ', password: PASSWORD })
  expect(response.statusCode).toBe(201)
  expect(response.headers['location']).toBe('/api/v1/users/me')
  expect(response.json()).toMatchObject({
    email: 'Ann@Example.com',
    username: null,
    role: 'user',
    email_verified: false,
    referred_by: null,
  })
  expect(response.body).not.toContain('password')
})

test('fifty registrations of one address in mixed case give one account and no 5xx', async () => {
  const address = 'Many.People@example.com'
  const spelled = (i: number) =>
    Array.from(address, (c, at) => ((i >> (at % 6)) & 1 ? c.toUpperCase() : c))
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      register({ email: spelled(i).join(''), password: PASSWORD }),
    ),
  )
  const statuses = answers.map((answer) => answer.statusCode)
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  // Beyond what the hashing queue holds the service says so, and nothing is half done.
  expect(statuses.filter((status) => status === 409 || status === 503)).toHaveLength(49)
  const users = await it.ctx.db
    .selectFrom('users')
    .select('id')
    .where('email_key', '=', address.toLowerCase())
    .execute()
  expect(users).toHaveLength(1)
})

test('a taken username names the field, in any case', async () => {
  await createAccount(it, { username: 'Zoe' })
  const response = await register({ email: 'zoe@example.com', password: PASSWORD, username: 'zOE' })
  expect(response.statusCode).toBe(409)
  expect(response.json()).toMatchObject({
    code: 'username_taken',
    errors: [{ pointer: '/username' }],
  })
})

test.each(['password', 'qwertyuiop', 'aaaaaaaaaaaa', 'Invitree', 'walter.white', 'walter.white1'])(
  'the password %s is refused as too easy',
  async (password) => {
    const response = await register({ email: 'walter.white@example.com', password })
    expect(response.json()).toMatchObject({ status: 422, code: 'weak_password' })
  },
)

test('a friend who registers with a code sees who invited them', async () => {
  const ann = await createAccount(it, { username: 'annie' })
  const code = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code: code.toLowerCase() })
  const me = await get(it, '/api/v1/users/me', bob)
  expect(me.json().referred_by).toEqual({ name: 'annie', code })
  expect(me.body).not.toContain(ann.email)
})

test('a refused code leaves no account behind', async () => {
  const email = 'nobody@example.com'
  const refused = await register({ email, password: PASSWORD, referral_code: 'N0TACODE' })
  expect(refused.json()).toMatchObject({ status: 422, code: 'referral_code_unknown' })
  expect((await register({ email, password: PASSWORD })).statusCode).toBe(201)
})

test('a profile is changed by a merge patch, and only what is named', async () => {
  const ann = await createAccount(it, { username: 'patchy' })
  const patch = (payload: object) =>
    send(it, { method: 'PATCH', url: '/api/v1/users/me', payload }, ann)
  expect((await patch({ locale: 'ru' })).json()).toMatchObject({ username: 'patchy', locale: 'ru' })
  expect((await patch({ username: null })).json()).toMatchObject({ username: null, locale: 'ru' })
  expect((await patch({})).statusCode).toBe(200)
  expect((await patch({ role: 'admin' })).json()).toMatchObject({
    status: 422,
    errors: [{ pointer: '/role', code: 'field_unknown' }],
  })
})

test('a new username shows at once on the page of the code', async () => {
  const ann = await createAccount(it, { username: 'before' })
  const code = await createCode(it, ann)
  const named = async () =>
    (await get(it, `/api/v1/referrals/codes/${code}`)).json().referrer_name as string
  expect(await named()).toBe('before')
  await send(it, { method: 'PATCH', url: '/api/v1/users/me', payload: { username: 'after' } }, ann)
  expect(await named()).toBe('after')
})

test('nobody reads a profile without signing in', async () => {
  const response = await get(it, '/api/v1/users/me')
  expect(response.json()).toMatchObject({ status: 401, code: 'unauthorized' })
  expect(response.headers['www-authenticate']).toContain('Bearer')
})
