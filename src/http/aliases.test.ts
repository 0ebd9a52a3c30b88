import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  get,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { ALIASES } from './aliases.ts'

const it = await startApp()
const ann = await createAccount(it, { username: 'ann' })
const code = await createCode(it, ann)
const friend = await createAccount(it, { referral_code: code })

const someone = (email: string) => ({ email, password: PASSWORD })

test('POST /api/v1/auth/user registers', async () => {
  expect((await post(it, '/api/v1/auth/user', someone('a1@example.com'))).statusCode).toBe(201)
  expect((await post(it, '/api/v1/auth/user/', someone('a2@example.com'))).statusCode).toBe(201)
})

test('POST /api/v1/auth/user/{code} registers with the code of the path', async () => {
  const response = await post(it, `/api/v1/auth/user/${code}`, someone('a3@example.com'))
  expect(response.statusCode).toBe(201)
  expect(response.json().referred_by).toEqual({ name: 'ann', code })
  const refused = await post(it, '/api/v1/auth/user/N0TACODE', someone('a4@example.com'))
  expect(refused.json()).toMatchObject({ status: 422, code: 'referral_code_unknown' })
})

test('GET /api/v1/codes lists, POST creates, DELETE /api/v1/codes/{code} retires', async () => {
  const owner = await createAccount(it)
  const created = await post(
    it,
    '/api/v1/codes/',
    { code: 'mine-1', expires_at: '2027-10-10 12:00' },
    owner,
  )
  expect(created.json()).toMatchObject({ code: 'MINE-1', expires_at: '2027-10-10T12:00:00.000Z' })
  const listed = await get(it, '/api/v1/codes?page=1&size=10', owner)
  expect(listed.json()).toMatchObject({ total: 1, page: 1, size: 10, pages: 1 })
  const retire = { method: 'DELETE', url: '/api/v1/codes/mine-1/' } as const
  expect((await send(it, retire, owner)).statusCode).toBe(204)
  expect((await send(it, retire, owner)).statusCode).toBe(404)
})

test('GET /api/v1/codes/{email} looks the code up, the @ written out or encoded', async () => {
  for (const email of [ann.email, encodeURIComponent(ann.email)]) {
    expect((await get(it, `/api/v1/codes/${email}`)).json()).toMatchObject({ code })
  }
  const plus = await createAccount(it, { email: 'ann+tag@example.com' })
  const tagged = await createCode(it, plus)
  expect((await get(it, '/api/v1/codes/ann+tag@example.com')).json()).toMatchObject({
    code: tagged,
  })
})

test('GET /api/v1/users/{id} lists the referrals, and /users/me stays the profile', async () => {
  const listed = await get(it, `/api/v1/users/${ann.id}/`, ann)
  expect(listed.json().items.map((item: { id: string }) => item.id)).toContain(friend.id)
  expect((await get(it, '/api/v1/users/me', ann)).json()).toMatchObject({ id: ann.id })
})

test('POST /auth/register and /auth/login work without the prefix', async () => {
  expect((await post(it, '/auth/register', someone('a5@example.com'))).statusCode).toBe(201)
  expect((await post(it, '/auth/login', someone('a5@example.com'))).json().token_type).toBe(
    'Bearer',
  )
})

test('POST /auth/change_password changes the password', async () => {
  const owner = await createAccount(it)
  const body = { current_password: PASSWORD, new_password: 'another good phrase' }
  expect((await post(it, '/auth/change_password', body, owner)).statusCode).toBe(204)
})

test('POST /auth/reset_password sends the link and changes nothing', async () => {
  const owner = await createAccount(it)
  const asked = await post(it, '/auth/reset_password', { email: owner.email })
  expect([asked.statusCode, asked.body]).toEqual([202, ''])
  expect((await post(it, '/auth/login', someone(owner.email))).statusCode).toBe(200)
})

test('POST and DELETE /referral/code, GET /referral/code/by-email and /referral/referrals', async () => {
  const owner = await createAccount(it)
  const created = await post(it, '/referral/code', { expires_at: inHours(1) }, owner)
  expect(created.statusCode).toBe(201)
  const found = await get(it, `/referral/code/by-email?email=${owner.email}`)
  expect(found.json()).toMatchObject({ code: created.json().code })
  expect((await get(it, '/referral/referrals?size=5', owner)).json()).toMatchObject({
    total: 0,
    size: 5,
  })
  expect((await send(it, { method: 'DELETE', url: '/referral/code' }, owner)).statusCode).toBe(204)
})

test('GET /swagger shows the documentation', async () => {
  expect((await get(it, '/swagger')).body).toContain('swagger-ui')
})

test('no path of the original services is in the OpenAPI document', async () => {
  const paths = Object.keys((await get(it, '/openapi.json')).json().paths)
  const shown = paths.filter((path) => ALIASES.some((alias) => alias.path.test(path)))
  // Ours may look like theirs only where it is the same resource under the same path.
  expect(shown.filter((path) => path !== '/api/v1/users/me')).toEqual([])
})
