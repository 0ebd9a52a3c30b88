import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createAccount, get, PASSWORD, post, send, startApp } from '../../../test/support/app.ts'
import { listMails, tokenIn, waitForMail } from '../../../test/support/mail.ts'
import { findBroken } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'
import { ask, createAdmin, trailOf } from './admins.fixture.ts'

const it = await startApp({ PUBLIC_URL: 'https://invite.example.com' }, { worker: true })
const root = await createAdmin(it)
const confirm = '/api/v1/auth/reset-password/confirm'
const password = 'a password of my own'
const invite = (body: object) => ask([it, root], 'POST', '/invite', body)
const newEmail = () => `${newId()}@example.com`
const login = (email: string) => post(it, '/api/v1/auth/login', { email, password })

/** The mail's text, once there are this many to the address. */
async function invitation(email: string, count = 1): Promise<string> {
  const mails = async () => (await listMails(it)).filter(({ to }) => to === email)
  await expect.poll(async () => (await mails()).length).toBe(count)
  return (await mails()).at(-1)!.text
}

test('somebody invited sets a password by the mailed link, once, and is known by the address', async () => {
  const email = newEmail()
  const answer = await invite({ email, role: 'admin' })
  expect(answer.statusCode).toBe(201)
  const user = answer.json()
  expect(user).toMatchObject({ email, role: 'admin', email_verified: false, sessions: 0 })
  expect(user.invited_at).toMatch(/Z$/)
  expect(answer.headers.location).toBe(`/api/v1/admin/users/${user.id}`)

  const text = await waitForMail(it, email, 'You are invited to invite.example.com')
  expect(text).toContain('https://invite.example.com/invite?lang=en#token=')
  const token = tokenIn(text)
  expect((await post(it, confirm, { token, password })).statusCode).toBe(204)
  expect((await post(it, confirm, { token, password })).json().code).toBe('link_expired')
  expect((await login(email)).json().scope).toBe('user admin')
  expect((await ask([it, root], 'GET', `/${user.id}`)).json().email_verified).toBe(true)
  await waitForMail(it, email, 'Welcome')
  const subjects = (await listMails(it)).filter(({ to }) => to === email)
  expect(subjects.map(({ subject }) => subject)).not.toContain('Your password was changed')
  expect(await trailOf(it, user)).toMatchObject([
    { action: 'user.invited', actor_id: root.id, details: { role: 'admin', again: false } },
    { action: 'account.email_verified', actor_id: null },
    { action: 'account.invitation_accepted', actor_id: null },
  ])
  expect(await findBroken(it)).toEqual([])
})

test('an invitation is in the language asked for', async () => {
  const email = newEmail()
  await invite({ email, locale: 'ru' })
  const text = await waitForMail(it, email, 'Приглашение на invite.example.com')
  expect(text).toContain('в течение 7 дней')
  expect(text).toContain('/invite?lang=ru#token=')
})

test('who has not accepted is invited again by a new link, and the old one opens nothing', async () => {
  const email = newEmail()
  const first = (await invite({ email })).json()
  const old = tokenIn(await invitation(email))
  const again = await invite({ email: email.toUpperCase(), role: 'admin' })
  expect([again.statusCode, again.json().id, again.json().role]).toEqual([200, first.id, 'user'])
  const token = tokenIn(await invitation(email, 2))
  expect((await post(it, confirm, { token: old, password })).json().code).toBe('link_expired')
  expect((await post(it, confirm, { token, password })).statusCode).toBe(204)
  expect((await invite({ email })).json()).toMatchObject({ status: 409, code: 'email_taken' })
  const { total } = (await ask([it, root], 'GET', `?q=${email}`)).json()
  expect(total).toBe(1)
})

test('two invitations of one address at once make one account', async () => {
  const email = newEmail()
  const answers = await Promise.all([1, 2, 3, 4].map(() => invite({ email })))
  const statuses = answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)
  expect(statuses).toEqual([200, 200, 200, 201])
  expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1)
})

test('an invitation sent again with its key is one invitation', async () => {
  const email = newEmail()
  const request = {
    method: 'POST',
    url: '/api/v1/admin/users/invite',
    payload: { email },
    headers: { 'idempotency-key': newId() },
  } as const
  const [first, second] = [await send(it, request, root), await send(it, request, root)]
  expect([first.statusCode, second.statusCode]).toEqual([201, 201])
  expect(second.body).toBe(first.body)
  expect(second.headers['idempotency-replayed']).toBe('true')
  expect(await trailOf(it, first.json())).toHaveLength(1)
})

test('nobody who is there already is invited', async () => {
  const ann = await createAccount(it)
  expect((await invite({ email: ann.email })).json()).toMatchObject({
    status: 409,
    code: 'email_taken',
  })
  expect((await invite({ email: 'no address' })).json().code).toBe('validation_failed')
  expect((await invite({ email: newEmail(), role: 'root' })).json().code).toBe('validation_failed')
})

test('the link opens seven days long, and ends with the account', async () => {
  const [late, gone] = [newEmail(), newEmail()]
  const { id } = (await invite({ email: late })).json()
  const token = tokenIn(await invitation(late))
  const { days } = await it.ctx.db
    .selectFrom('email_tokens')
    .select(sql<number>`extract(day from expires_at - created_at)::int8`.as('days'))
    .where('user_id', '=', id)
    .executeTakeFirstOrThrow()
  expect(days).toBeGreaterThanOrEqual(6)
  await it.ctx.db
    .updateTable('email_tokens')
    .set({
      created_at: sql`created_at - interval '8 days'`,
      expires_at: sql`expires_at - interval '8 days'`,
    })
    .where('user_id', '=', id)
    .execute()
  expect((await post(it, confirm, { token, password })).json().code).toBe('link_expired')

  const other = (await invite({ email: gone })).json()
  const dead = tokenIn(await invitation(gone))
  expect((await ask([it, root], 'DELETE', `/${other.id}`)).statusCode).toBe(204)
  expect((await post(it, confirm, { token: dead, password })).json().code).toBe('link_expired')
})

test('a password set by a forgotten-password link accepts the invitation, whose link is void then', async () => {
  const email = newEmail()
  await invite({ email })
  const invited = tokenIn(await invitation(email))
  await post(it, '/api/v1/auth/reset-password', { email })
  const reset = tokenIn(await waitForMail(it, email, 'Set a new password'))
  expect((await post(it, confirm, { token: reset, password })).statusCode).toBe(204)
  expect((await post(it, confirm, { token: invited, password: PASSWORD })).json().code).toBe(
    'link_expired',
  )
  expect((await login(email)).statusCode).toBe(200)
})

test('before it is accepted nobody signs in, and the link of one purpose serves no other', async () => {
  const email = newEmail()
  await invite({ email })
  const token = tokenIn(await invitation(email))
  expect((await login(email)).json().code).toBe('invalid_credentials')
  const verify = await post(it, '/api/v1/auth/verify-email', { token })
  expect(verify.json().code).toBe('link_expired')
  expect((await post(it, confirm, { token, password: 'password' })).json().code).toBe(
    'weak_password',
  )
  expect((await post(it, confirm, { token, password })).statusCode).toBe(204)
  expect((await get(it, '/api/v1/users/me')).statusCode).toBe(401)
})
