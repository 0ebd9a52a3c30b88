import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { sendMail } from '../../src/recovery/mails.ts'
import { remindOwners } from '../../src/codes/service.ts'
import { inTransaction } from '../../src/context.ts'
import {
  createAccount,
  createCode,
  get,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../support/app.ts'
import { listMails, tokenIn, waitForMail } from '../support/mail.ts'

const it = await startApp({}, { worker: true })
const verify = (token: string) => post(it, '/api/v1/auth/verify-email', { token })
const login = (email: string, password: string) =>
  post(it, '/api/v1/auth/login', { email, password })
const askReset = (email: string) => post(it, '/api/v1/auth/reset-password', { email })
const confirmReset = (token: string, password: string) =>
  post(it, '/api/v1/auth/reset-password/confirm', { token, password })

test('a confirmed address confirms the referral, exactly once, and the welcome follows', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code: code })
  const token = tokenIn(await waitForMail(it, bob.email, 'Confirm'))
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)))
  const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)
  expect(statuses).toEqual([204, ...Array.from({ length: 9 }, () => 410)])

  expect((await get(it, '/api/v1/users/me', bob)).json()).toMatchObject({ email_verified: true })
  const list = (await get(it, '/api/v1/users/me/referrals?status=confirmed', ann)).json()
  expect(list).toMatchObject({ total: 1, items: [{ id: bob.id, status: 'confirmed' }] })
  await waitForMail(it, bob.email, 'Welcome')
  await waitForMail(it, ann.email, 'A friend joined')
})

test('the newest link voids older ones, and a resent one works', async () => {
  const bob = await createAccount(it)
  const first = tokenIn(await waitForMail(it, bob.email, 'Confirm'))
  expect((await post(it, '/api/v1/auth/verify-email/resend', {}, bob)).statusCode).toBe(202)
  const tokens = async () =>
    (await listMails(it)).filter((mail) => mail.to === bob.email).map((mail) => tokenIn(mail.text))
  await expect.poll(tokens).toHaveLength(2)
  const second = (await tokens()).at(-1) ?? ''
  expect((await verify(first)).json()).toMatchObject({ status: 410, code: 'link_expired' })
  expect((await verify(second)).statusCode).toBe(204)
})

test('a forgotten password is set by the link, and every session ends', async () => {
  const ann = await createAccount(it)
  const asked = await askReset(ann.email.toUpperCase())
  expect([asked.statusCode, asked.body]).toEqual([202, ''])
  // Until the link is used nothing has changed.
  expect((await login(ann.email, PASSWORD)).statusCode).toBe(200)
  const token = tokenIn(await waitForMail(it, ann.email, 'Set a new password'))

  const weak = await confirmReset(token, 'password')
  expect(weak.json()).toMatchObject({ status: 422, code: 'weak_password' })
  expect((await confirmReset(token, 'a new and better phrase')).statusCode).toBe(204)
  expect((await confirmReset(token, 'another better phrase')).statusCode).toBe(410)
  expect((await login(ann.email, PASSWORD)).statusCode).toBe(401)
  expect((await login(ann.email, 'a new and better phrase')).statusCode).toBe(200)
  const refused = await post(it, '/api/v1/referrals/code', { expires_at: inHours(1) }, ann)
  expect(refused.statusCode).toBe(401)
  await waitForMail(it, ann.email, 'Your password was changed')
})

test('an unknown address is answered like a known one, and nothing is sent', async () => {
  const asked = await askReset('nobody.at.all@example.com')
  expect([asked.statusCode, asked.body]).toEqual([202, ''])
  const later = await createAccount(it)
  await waitForMail(it, later.email, 'Confirm')
  expect((await listMails(it)).some((mail) => mail.to.startsWith('nobody'))).toBe(false)
})

test.each(['', 'x', 'a.b', '01936f3e7c1a7b609d1c3f1f0a4b2c5d.bWFj', 'a'.repeat(199)])(
  'the made-up link %s opens nothing',
  async (token) => {
    expect([410, 422]).toContain((await verify(token)).statusCode)
    expect([410, 422]).toContain((await confirmReset(token, 'a new and better phrase')).statusCode)
  },
)

test('a link for one purpose does not serve the other', async () => {
  const bob = await createAccount(it)
  const token = tokenIn(await waitForMail(it, bob.email, 'Confirm'))
  expect((await confirmReset(token, 'a new and better phrase')).statusCode).toBe(410)
  expect((await verify(token)).statusCode).toBe(204)
})

test('a registration that is rolled back leaves no job', async () => {
  const count = async () =>
    (await sql<{ n: number }>`select count(*) as n from pgboss.job`.execute(it.ctx.db)).rows[0]?.n
  const before = await count()
  const undone = inTransaction(it.ctx, async (ctx) => {
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'welcome', user_id: null })
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(await count()).toBe(before)
})

test('a mail sent twice is the same mail with the same link', async () => {
  const bob = await createAccount(it, { locale: 'ru' })
  // The registration's own mail has a link too, and the newest voids all before.
  await waitForMail(it, bob.email, 'Подтвердите')
  const job = { id: bob.id, payload: { mail: 'verify' as const, user_id: bob.id } }
  await sendMail(it.ctx, job)
  const once = (await listMails(it)).find((mail) => mail.id.includes(bob.id))
  await sendMail(it.ctx, job)
  const again = (await listMails(it)).filter((mail) => mail.id.includes(bob.id))
  expect(again).toHaveLength(1)
  expect(again[0]?.text).toBe(once?.text)
  expect(once?.subject).toBe('Подтвердите адрес почты')
  expect((await verify(tokenIn(once?.text ?? ''))).statusCode).toBe(204)
})

test('a sign-in with a program never seen before is told, the first one is not', async () => {
  const ann = await createAccount(it)
  await verify(tokenIn(await waitForMail(it, ann.email, 'Confirm')))
  const from = (agent: string) =>
    send(it, {
      method: 'POST',
      url: '/api/v1/auth/login',
      headers: { 'user-agent': agent },
      payload: { email: ann.email, password: PASSWORD },
    })
  await from('<b>Strange</b> Browser/1.0')
  const mail = await waitForMail(it, ann.email, 'Signed in on a new device')
  expect(mail).toContain('<b>Strange</b> Browser/1.0')
  const raw = (await listMails(it)).findLast((one) =>
    one.subject.includes('Signed in on a new device'),
  )?.raw
  expect(raw).toContain('&lt;b&gt;Strange&lt;/b&gt;')
})

test('the owner is told once that a code ends within three days, and once that it ended', async () => {
  const ann = await createAccount(it)
  await createCode(it, ann, { expires_at: inHours(24 * 10), code: 'ENDING-1' })
  await it.ctx.db
    .updateTable('referral_codes')
    .set({
      created_at: sql`created_at - interval '20 days'`,
      expiry_set_at: sql`expiry_set_at - interval '20 days'`,
      expires_at: sql`clock_timestamp() + interval '71 hours'`,
    })
    .where('code', '=', 'ENDING-1')
    .execute()
  await Promise.all([remindOwners(it.ctx), remindOwners(it.ctx)])
  await waitForMail(it, ann.email, 'ENDING-1 expires soon')
  await it.ctx.db
    .updateTable('referral_codes')
    .set({ expires_at: sql`clock_timestamp() - interval '1 second'` })
    .where('code', '=', 'ENDING-1')
    .execute()
  await Promise.all([remindOwners(it.ctx), remindOwners(it.ctx)])
  await waitForMail(it, ann.email, 'ENDING-1 has expired')
  const told = (await listMails(it)).filter(
    (mail) => mail.to === ann.email && mail.subject.includes('ENDING-1'),
  )
  expect(told).toHaveLength(2)
})

test('where a confirmed address is required, nobody signs in without, and the link is sent again', async () => {
  const strict = await startApp({ EMAIL_VERIFICATION: 'required' }, { worker: true })
  const person = { email: 'strict@example.com', password: PASSWORD }
  expect((await post(strict, '/api/v1/auth/register', person)).statusCode).toBe(201)
  const refused = await post(strict, '/api/v1/auth/login', person)
  expect(refused.json()).toMatchObject({ status: 403, code: 'email_not_verified' })
  const grant = { username: person.email, password: PASSWORD }
  const oauth = await post(strict, '/api/v1/auth/token', grant)
  expect([oauth.statusCode, oauth.json().error]).toEqual([400, 'invalid_grant'])
  await expect
    .poll(async () => {
      const token = tokenIn(await waitForMail(strict, person.email, 'Confirm'))
      return (await post(strict, '/api/v1/auth/verify-email', { token })).statusCode
    })
    .toBe(204)
  expect((await post(strict, '/api/v1/auth/login', person)).statusCode).toBe(200)
})
