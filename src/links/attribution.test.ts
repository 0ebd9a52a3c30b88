import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  PASSWORD,
  send,
  startApp,
} from '../../test/support/app.ts'
import { expireCode, findBroken, promote } from '../../test/support/rows.ts'
import { newId } from '../lib/ids.ts'
import { createBrowser, open, visitorCookie } from './links.fixture.ts'

const it = await startApp()
const [ann, bob, eve] = [
  await createAccount(it, { username: 'ann' }),
  await createAccount(it, { username: 'bob' }),
  await createAccount(it, { username: 'eve' }),
]
const [ofAnn, ofBob] = [await createCode(it, ann), await createCode(it, bob)]

const browser = () => createBrowser(it)
const explanation = (id: string, as: Account) => get(it, `/api/v1/referrals/${id}/explanation`, as)

test('without a code the first link that was opened is credited, and the explanation says why', async () => {
  const friend = browser()
  for (const code of [ofAnn, ofBob, ofAnn]) await friend.open(code)
  const { id, referred_by } = await friend.register()
  expect(referred_by).toMatchObject({ code: ofAnn })
  const told = (await explanation(id, ann)).json()
  expect(told).toMatchObject({
    user_id: id,
    code: ofAnn,
    rule: 'first_touch',
    status: 'pending',
    reason: null,
    touches: [
      { code: ofAnn, won: true },
      { code: null, won: false },
    ],
  })
  expect(Date.parse(told.touches[0].at)).toBeLessThanOrEqual(Date.parse(told.created_at))
})

test('a code that is typed wins over every link, and the links are told all the same', async () => {
  const friend = browser()
  await friend.open(ofBob)
  const typed = await friend.register({ referral_code: ofAnn.toLowerCase() })
  expect(typed.referred_by).toMatchObject({ code: ofAnn })
  expect((await explanation(typed.id, ann)).json()).toMatchObject({
    rule: 'explicit_code',
    touches: [
      { code: null, won: false },
      { code: ofAnn, won: true },
    ],
  })
  const confirmed = browser()
  await confirmed.open(ofBob)
  await confirmed.open(ofAnn)
  const { id } = await confirmed.register({ referral_code: ofAnn })
  expect((await explanation(id, ann)).json()).toMatchObject({
    rule: 'explicit_code',
    touches: [{ won: false }, { code: ofAnn, won: true }],
  })
  const withoutCookie = await createAccount(it, { referral_code: ofAnn })
  const plain = (await explanation(withoutCookie.id, ann)).json()
  expect(plain).toMatchObject({ rule: 'explicit_code', touches: [{ code: ofAnn, won: true }] })
  expect(plain.touches[0].at).toBe(plain.created_at)
})

test('a link whose code no longer works gives way to the next, and at last to none', async () => {
  const owner = await createAccount(it)
  const dying = await createCode(it, owner)
  const friend = browser()
  await friend.open(dying)
  await friend.open(ofBob)
  const other = browser()
  await other.open(dying)
  await expireCode(it, dying)
  const { id, referred_by } = await friend.register()
  expect(referred_by).toMatchObject({ code: ofBob })
  expect((await explanation(id, bob)).json()).toMatchObject({
    rule: 'first_touch',
    touches: [
      { code: null, won: false },
      { code: ofBob, won: true },
    ],
  })
  expect((await other.register()).referred_by).toBeNull()
})

test('a link counts for 30 days', async () => {
  const later = await startApp({ DATABASE_URL: it.url, APP_SECRET: it.ctx.secret })
  const lasting = await createCode(it, eve, { expires_at: inHours(60 * 24) })
  const friend = browser()
  await friend.open(lasting)
  const now = later.ctx.clock.now()
  const register = async (days: number) => {
    later.ctx.clock.now = () => now + days * 86_400_000
    const payload = { email: `${newId()}@example.com`, password: PASSWORD }
    const headers = { cookie: friend.cookie() }
    return (
      await send(later, { method: 'POST', url: '/api/v1/auth/register', payload, headers })
    ).json()
  }
  expect((await register(29)).referred_by).toMatchObject({ code: lasting })
  expect((await register(31)).referred_by).toBeNull()
})

test('ten links are remembered, the first of them, in a cookie of bounded size', async () => {
  const friend = browser()
  const codes: string[] = []
  for (let i = 0; i < 12; i++) {
    codes.push(
      await createCode(it, await createAccount(it), { code: `LONG-${i}-`.padEnd(32, 'Z') }),
    )
  }
  for (const code of codes) await friend.open(code)
  expect(friend.cookie().length).toBeLessThan(1500)
  const { id } = await friend.register({ referral_code: ofAnn })
  const admin = await createAccount(it)
  await promote(it, admin)
  const { touches } = (await explanation(id, admin)).json()
  expect(touches.map(({ code }: { code: string }) => code)).toEqual([...codes.slice(0, 10), ofAnn])
})

test('a cookie that is not ours, whatever it says, changes nothing and fails nothing', async () => {
  const friend = browser()
  await friend.open(ofAnn)
  const [name = '', value = ''] = friend.cookie().split('=')
  const [version = '', content = '', proof = ''] = value.split('.')
  const forged = Buffer.from(JSON.stringify({ v: 'x', t: [[ofBob, 1]] })).toString('base64url')
  const cookies = [
    `${name}=${version}.${forged}.${proof}`,
    `${name}=2.${content}.${proof}`,
    `${name}=${version}.${content}.${proof.slice(1)}`,
    `${name}=${version}.${content}`,
    `${name}=${version}.${content}.${proof.toLowerCase()}`,
    `${name}=`,
    `${name}=%`,
    `${name}="${'A'.repeat(5000)}"`,
    name,
    `${name}=${value.slice(0, -1)}; other=1`,
    `=;${name}`,
  ]
  for (const cookie of cookies) {
    const payload = { email: `${newId()}@example.com`, password: PASSWORD }
    const response = await send(it, {
      method: 'POST',
      url: '/api/v1/auth/register',
      payload,
      headers: { cookie },
    })
    expect([response.statusCode, response.json().referred_by], cookie).toEqual([201, null])
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 300 }), fc.nat(value.length - 1), async (noise, at) => {
      const changed = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
      for (const cookie of [`${name}=${encodeURIComponent(noise)}`, `${name}=${changed}`]) {
        const response = await open(it, ofBob, { cookie })
        expect(response.statusCode).toBe(303)
        expect(visitorCookie(response)).not.toBe('')
      }
    }),
    { numRuns: 100 },
  )
})

test('who registers on the browser that the referrer signs in with is refused, yet registered', async () => {
  const mine = browser()
  await mine.signIn(ann)
  const before = await get(it, '/api/v1/users/me/referrals?status=pending', ann)
  await mine.open(ofAnn)
  const second = await mine.register()
  expect((await explanation(second.id, ann)).json()).toMatchObject({
    status: 'refused',
    reason: 'self_referral_device',
    rule: 'first_touch',
  })
  const typed = await mine.register({ referral_code: ofAnn })
  expect((await explanation(typed.id, ann)).json()).toMatchObject({
    reason: 'self_referral_device',
  })
  const after = await get(it, '/api/v1/users/me/referrals?status=pending', ann)
  expect(after.json().total).toBe(before.json().total)
  // The other way round: the link first, the sign-in after it.
  const linkFirst = browser()
  await linkFirst.open(ofBob)
  await linkFirst.signIn(bob)
  const third = await linkFirst.register()
  expect((await explanation(third.id, bob)).json()).toMatchObject({
    reason: 'self_referral_device',
  })
  // Somebody else's link on the same browser is no referral of oneself.
  const other = await mine.register({ referral_code: ofBob })
  expect((await explanation(other.id, bob)).json()).toMatchObject({ status: 'pending' })
})

test('a client without cookies is given none, and is nobody’s browser', async () => {
  const payload = { email: eve.email, password: PASSWORD }
  const response = await send(it, { method: 'POST', url: '/api/v1/auth/login', payload })
  expect(visitorCookie(response)).toBe('')
  expect(await browsersOf(eve)).toBe(0)
})

test('a user is linked to the 20 browsers that signed in last', async () => {
  const person = await createAccount(it)
  const first = browser()
  await first.signIn(person)
  for (let i = 0; i < 22; i++) await browser().signIn(person)
  expect(await browsersOf(person)).toBe(20)
  await createCode(it, person).then((code) => first.open(code))
  await first.signIn(person)
  expect(await browsersOf(person)).toBe(20)
})

test('an explanation is for the referrer and administrators; to all others there is none', async () => {
  const friend = await createAccount(it, { referral_code: ofAnn })
  const answers = [
    await explanation(friend.id, bob),
    await explanation(friend.id, friend),
    await explanation(newId(), ann),
    await explanation('not-an-id', ann),
    await explanation(eve.id, ann),
  ]
  const told = answers.map((answer) => {
    const { instance: _, request_id: __, ...rest } = answer.json()
    return { status: answer.statusCode, ...rest }
  })
  expect(told[0]).toMatchObject({ status: 404, code: 'referral_not_found' })
  for (const answer of told) expect(answer).toEqual(told[0])
  expect((await get(it, `/api/v1/referrals/${friend.id}/explanation`)).statusCode).toBe(401)
})

test('an erased person leaves the link that won and no other, no browser, and the explanation stays', async () => {
  const friend = browser()
  await friend.open(ofBob)
  await friend.open(ofAnn)
  const person = await friend.register({ referral_code: ofAnn })
  const signedIn = (await friend.signIn(person)).json()
  const headers = { authorization: `Bearer ${signedIn.access_token}` }
  const held = (await send(it, { method: 'GET', url: '/api/v1/users/me/export', headers })).json()
  expect(held.visits).toMatchObject({
    opened: [
      { code: ofBob, won: false },
      { code: ofAnn, won: true },
    ],
    browsers: [{ signed_in_at: expect.any(String) }],
  })
  const erased = await send(it, { method: 'DELETE', url: '/api/v1/users/me', headers })
  expect(erased.statusCode).toBe(204)
  expect(await browsersOf(person)).toBe(0)
  expect((await explanation(person.id, ann)).json()).toMatchObject({
    rule: 'explicit_code',
    touches: [{ code: ofAnn, won: true }],
  })
  await friend.signIn(person).catch(() => {})
  expect(await findBroken(it)).toEqual([])
})

async function browsersOf({ id }: { id: string }): Promise<number> {
  const rows = await it.ctx.db
    .selectFrom('user_visitors')
    .select('visitor')
    .where('user_id', '=', id)
    .execute()
  return rows.length
}
