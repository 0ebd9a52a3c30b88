import { beforeAll, expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  post,
  send,
  startApp,
} from '../../../test/support/app.ts'
import { listMails, tokenIn, waitForMail } from '../../../test/support/mail.ts'
import { findBroken, insertReferrals, promote } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'
import { confirm as confirmAddress } from '../../referrals/service.ts'

const it = await startApp({ REFERRAL_REVIEW_ABOVE: '1' })
let root: Account
let ann: Account
let code: string
beforeAll(async () => {
  root = await createAccount(it)
  await promote(it, root)
  ann = await createAccount(it)
  code = await createCode(it, ann)
  await createAccount(it, { referral_code: code })
})

const path = (id: string, verdict: string) => `/api/v1/admin/referrals/${id}/${verdict}`
const confirm = (id: string, as = root) => post(it, path(id, 'confirm'), {}, as)
const refuse = (id: string, reason = 'abuse', as = root) =>
  post(it, path(id, 'refuse'), { reason }, as)
/** A friend whose referral waits for review. */
const newFriend = () => createAccount(it, { referral_code: code })
const verify = (id: string) =>
  it.ctx.db.transaction().execute(async (db) => {
    await db
      .updateTable('users')
      .set({ email_verified_at: new Date() })
      .where('id', '=', id)
      .execute()
    await confirmAddress({ ...it.ctx, db }, id)
  })
const eventsOf = (id: string) =>
  it.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'actor_id', 'target_id', 'details'])
    .where('user_id', '=', id)
    .where('action', 'like', 'referral.%')
    .orderBy('id')
    .execute()
const totals = async () => {
  const { registrations, confirmed } = (
    await get(it, '/api/v1/users/me/referrals/summary', ann)
  ).json()
  return [registrations, confirmed]
}
const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)))

test('what waited for review counts once it is confirmed, and is pending until the friend has confirmed', async () => {
  const bob = await newFriend()
  const before = await totals()
  const response = await confirm(bob.id)
  expect(response.statusCode, response.body).toBe(200)
  expect(response.json()).toMatchObject({
    id: bob.id,
    email: bob.email,
    referrer_id: ann.id,
    code,
    status: 'pending',
    reason: null,
    confirmed_at: null,
    decided_at: expect.any(String),
  })
  await verify(bob.id)
  expect(await totals()).toEqual([before[0], before[1]! + 1])
  expect(await eventsOf(bob.id)).toEqual([
    {
      action: 'referral.confirmed',
      actor_id: root.id,
      target_id: ann.id,
      details: { from: 'review', reason_before: 'velocity', to: 'pending' },
    },
  ])
})

test('a friend who has confirmed the address meanwhile is confirmed at once', async () => {
  const bob = await newFriend()
  await verify(bob.id)
  const decided = (await confirm(bob.id)).json()
  expect(decided).toMatchObject({ status: 'confirmed', confirmed_at: expect.any(String) })
  expect((await confirm(bob.id)).json()).toEqual(decided)
  expect(await eventsOf(bob.id)).toHaveLength(1)
})

test('what is refused counts nowhere, whatever it was before, and comes back by being confirmed', async () => {
  const before = await totals()
  const [waiting, pending, confirmed] = [await newFriend(), await newFriend(), await newFriend()]
  await confirm(pending.id)
  await verify(confirmed.id)
  await confirm(confirmed.id)
  expect(await totals()).toEqual([before[0]! + 3, before[1]! + 1])
  for (const friend of [waiting, pending, confirmed]) {
    expect((await refuse(friend.id, 'duplicate')).json()).toMatchObject({
      status: 'refused',
      reason: 'duplicate',
      confirmed_at: null,
    })
    const again = await refuse(friend.id, 'other')
    expect([again.statusCode, again.json().reason]).toEqual([200, 'duplicate'])
    await confirmAddress(it.ctx, friend.id)
  }
  expect(await totals()).toEqual(before)
  expect((await confirm(confirmed.id)).json().status).toBe('confirmed')
  expect((await confirm(pending.id)).json().status).toBe('pending')
  expect(await totals()).toEqual([before[0]! + 2, before[1]! + 1])
  expect((await eventsOf(confirmed.id)).map(({ details }) => details)).toEqual([
    { from: 'review', reason_before: 'velocity', to: 'confirmed' },
    { from: 'confirmed', to: 'refused', reason: 'duplicate' },
    { from: 'refused', reason_before: 'duplicate', to: 'confirmed' },
  ])
  expect(await findBroken(it)).toEqual([])
})

test('decisions at once with each other and with the friend’s confirmation end in one of them', async () => {
  const friends = await times(5, newFriend)
  const verified = times(friends.length, (n) => verify(friends[n]!.id))
  const answers = await times(friends.length * 3, (n) =>
    (n % 2 === 0 ? refuse : confirm)(friends[n % friends.length]!.id),
  )
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
  await verified
  for (const { id } of friends) {
    const statuses = (await eventsOf(id)).map(({ details }) => details as Record<string, string>)
    // Each decision begins where the one before ended, or where the friend's confirmation left it.
    for (const [at, { from }] of statuses.entries()) {
      const last = statuses[at - 1]?.['to'] ?? 'review'
      expect(last === 'pending' ? ['pending', 'confirmed'] : [last]).toContain(from)
    }
    const { status } = (await confirm(id)).json()
    expect(status).toBe('confirmed')
  }
  expect(await findBroken(it)).toEqual([])
})

test('a decision that is sent twice with one key happens once', async () => {
  const bob = await newFriend()
  const headers = { ...root.headers, 'idempotency-key': newId() }
  const send = () =>
    it.app.inject({
      method: 'POST',
      url: path(bob.id, 'refuse'),
      headers,
      payload: { reason: 'abuse' },
    })
  const [first, second] = [await send(), await send()]
  expect(second.json()).toEqual(first.json())
  expect(second.headers['idempotency-replayed']).toBe('true')
  expect(await eventsOf(bob.id)).toHaveLength(1)
})

test('a referrer who was not told of a friend is told when an administrator lets it count', async () => {
  const mailing = await startApp({ REFERRAL_REVIEW_ABOVE: '1' }, { worker: true })
  const [chief, eve] = [await createAccount(mailing), await createAccount(mailing)]
  await promote(mailing, chief)
  const text = await createCode(mailing, eve)
  const [, bob] = [
    await createAccount(mailing, { referral_code: text }),
    await createAccount(mailing, { referral_code: text }),
  ]
  const told = async () =>
    (await listMails(mailing)).filter(
      ({ to, subject }) => to === eve.email && subject.includes('friend'),
    ).length
  await waitForMail(mailing, eve.email, 'friend')
  const decide = (verdict: string) =>
    post(mailing, path(bob.id, verdict), verdict === 'refuse' ? { reason: 'other' } : {}, chief)
  await decide('confirm')
  await expect.poll(told).toBe(2)
  await decide('refuse')
  await decide('confirm')
  const link = await waitForMail(mailing, bob.email, 'Confirm')
  await post(mailing, '/api/v1/auth/verify-email', { token: tokenIn(link) })
  await waitForMail(mailing, bob.email, 'Welcome')
  expect(await told()).toBe(2)
})

test('the database lets a referral change in no other way', async () => {
  const [id] = await insertReferrals(it, code, [{}])
  const set = (changes: object) =>
    it.ctx.db.updateTable('referrals').set(changes).where('user_id', '=', id!).execute()
  const [moves, reason] = ['referrals_status_moves', 'referrals_reason_given']
  for (const [changes, constraint] of [
    [{ status: 'review', reason: 'velocity' }, moves],
    [{ attributed_at: new Date(0) }, moves],
    [{ status: 'refused' }, reason],
    [{ status: 'refused', reason: 'other', code_expires_at: new Date() }, moves],
    [{ status: 'confirmed' }, 'referrals_confirmed_whole'],
    [{ status: 'refused', reason: 'because' }, 'referrals_reason_known'],
  ] as const) {
    await expect(set(changes), JSON.stringify(changes)).rejects.toMatchObject({ constraint })
  }
  await set({ status: 'refused', reason: 'other' })
  await expect(set({ status: 'review' })).rejects.toMatchObject({ constraint: moves })
  await set({ status: 'confirmed', reason: null, confirmed_at: new Date() })
  await expect(set({ status: 'pending', confirmed_at: null })).rejects.toMatchObject({
    constraint: moves,
  })
  expect(await findBroken(it)).toEqual([])
})

test('only administrators decide, only for a reason they may give, and only about what there is', async () => {
  const bob = await newFriend()
  for (const verdict of ['confirm', 'refuse']) {
    const payload = verdict === 'refuse' ? { reason: 'abuse' } : {}
    const ask = (id: string, as?: Account) => post(it, path(id, verdict), payload, as)
    expect((await ask(bob.id, ann)).json()).toMatchObject({ status: 403, code: 'admin_only' })
    expect((await ask(bob.id)).json()).toMatchObject({ status: 401, code: 'unauthorized' })
    for (const id of [newId(), ann.id, 'nobody', 'me', '%00']) {
      expect((await ask(id, root)).json()).toMatchObject({
        status: 404,
        code: 'referral_not_found',
      })
    }
  }
  for (const reason of ['velocity', 'self_referral_email', '']) {
    expect((await refuse(bob.id, reason)).json().errors).toMatchObject([{ pointer: '/reason' }])
  }
  expect(await eventsOf(bob.id)).toEqual([])
})

test('a decision on a friend who was erased keeps no answer in their name', async () => {
  const bob = await newFriend()
  const erased = { method: 'DELETE', url: '/api/v1/users/me' } as const
  expect((await send(it, erased, bob)).statusCode).toBe(204)
  const headers = { ...root.headers, 'idempotency-key': newId() }
  const decision = { method: 'POST', url: path(bob.id, 'refuse'), headers } as const
  const answer = await send(it, { ...decision, payload: { reason: 'abuse' } })
  expect(answer.json()).toMatchObject({ id: bob.id, email: null })
  expect(await findBroken(it)).toEqual([])
  expect((await send(it, { ...decision, payload: { reason: 'abuse' } })).body).toBe(answer.body)
})
