import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  PASSWORD,
  post,
  send,
  startApp,
  type TestApp,
} from '../../../test/support/app.ts'
import { countWaiting, findBroken, promote, untried } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'
import { ask, createAdmin, trailOf } from './admins.fixture.ts'
import { block, inviteUser } from './service.ts'

const it = await startApp()
const root = await createAdmin(it)
const register = (referral_code: string) =>
  post(it, '/api/v1/auth/register', {
    email: `${newId()}@example.com`,
    password: PASSWORD,
    referral_code,
  })
const referralsOf = async ({ id }: Account) =>
  (await ask([it, root], 'GET', `/${id}`)).json().referrals
const adminOf = ({ id }: Account) => ({
  principal: { id, session_id: newId(), role: 'admin' as const },
  by: { id, request_id: newId() },
})

async function admins({ ctx }: TestApp): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('blocked_at', 'is', null)
    .where('erased_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

test('a registration that waited for a block credits nobody', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  let waiting!: ReturnType<typeof register>
  await untried(it, async (ctx) => {
    await block(ctx, adminOf(root), ann.id, undefined)
    waiting = register(code)
    // What is injected begins when somebody waits for it.
    waiting.catch(() => {})
    await expect.poll(() => countWaiting(it)).toBeGreaterThan(0)
  })
  expect((await waiting).json()).toMatchObject({ status: 422, code: 'referral_code_retired' })
  expect(await referralsOf(ann)).toBe(0)
})

test('of registrations beside a block each is either before it or refused', async () => {
  for (let round = 0; round < 4; round++) {
    const ann = await createAccount(it)
    const code = await createCode(it, ann)
    const blocking = () => ask([it, root], 'POST', `/${ann.id}/block`, {})
    const [blocked, ...answers] = await Promise.all([
      blocking(),
      ...Array.from({ length: 8 }, () => register(code)),
    ])
    expect(blocked.statusCode).toBe(204)
    const came = answers.filter(({ statusCode }) => statusCode === 201).length
    const refused = answers.filter((answer) => answer.json().code === 'referral_code_retired')
    expect(came + refused.length).toBe(8)
    expect(await referralsOf(ann)).toBe(came)
  }
  // I6 finds referrals from after the block.
  expect(await findBroken(it)).toEqual([])
})

test('no code is credited whose owner is blocked, whatever the caller forgot', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  await ask([it, root], 'POST', `/${ann.id}/block`, {})
  const bob = await createAccount(it)
  const inserting = sql`
    insert into referrals (user_id, user_seq, referrer_id, referrer_seq, code_id, code_expires_at)
    select u.id, u.seq, f.id, f.seq, c.id, c.expires_at
    from users u, users f join referral_codes c on c.user_id = f.id
    where u.id = ${bob.id} and c.code = ${code}`.execute(it.ctx.db)
  await expect(inserting).rejects.toMatchObject({ constraint: 'referrals_of_unblocked' })
})

test('nobody signs in beside a block and stays signed in', async () => {
  for (let round = 0; round < 4; round++) {
    const ann = await createAccount(it)
    const login = () => post(it, '/api/v1/auth/login', { email: ann.email, password: PASSWORD })
    const asked = { grant_type: 'refresh_token', refresh_token: ann.refresh_token }
    const answers = await Promise.all([
      login(),
      login(),
      post(it, '/api/v1/auth/token', asked),
      ask([it, root], 'POST', `/${ann.id}/block`, {}),
      login(),
    ])
    expect(answers.filter(({ statusCode }) => statusCode >= 500)).toEqual([])
  }
  expect(await findBroken(it)).toEqual([])
})

test('two who block the same user at once do it once', async () => {
  const other = await createAdmin(it)
  const ann = await createAccount(it)
  const answers = await Promise.all(
    [root, other, root, other].map((admin) => ask([it, admin], 'POST', `/${ann.id}/block`, {})),
  )
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204, 204])
  expect((await trailOf(it, ann)).map(({ action }) => action)).toEqual(['user.blocked'])
})

test.each([
  ['demote', 'PATCH', '', { role: 'user' }],
  ['block', 'POST', '/block', {}],
  ['erase', 'DELETE', ''],
] as const)('of two administrators who %s each other one stays', async (_, method, path, body?) => {
  const two = await startApp()
  let [ann, bob] = [await createAdmin(two), await createAdmin(two)]
  for (let round = 0; round < (method === 'PATCH' ? 6 : 1); round++) {
    const answers = await Promise.all([
      ask([two, ann], method, `/${bob.id}${path}`, body),
      ask([two, bob], method, `/${ann.id}${path}`, body),
    ])
    const [won, lost] = answers.toSorted((one, other) => one.statusCode - other.statusCode)
    expect(won!.statusCode).toBeLessThan(300)
    expect(['admin_only', 'invalid_token']).toContain(lost!.json().code)
    expect(await admins(two)).toHaveLength(1)
    await promote(two, ann)
    await promote(two, bob)
    ;[ann, bob] = [bob, ann]
  }
})

test('of the last two administrators who erase themselves at once one stays', async () => {
  const two = await startApp()
  const pair = [await createAdmin(two), await createAdmin(two)]
  const erase = (admin: Account) => send(two, { method: 'DELETE', url: '/api/v1/users/me' }, admin)
  const answers = await Promise.all(pair.map(erase))
  const statuses = answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)
  expect(statuses).toEqual([204, 409])
  const [last] = await admins(two)
  const stays = pair.find(({ id }) => id === last)!
  expect((await erase(stays)).json()).toMatchObject({ status: 409, code: 'last_admin' })
  expect(await admins(two)).toEqual([stays.id])
  expect((await trailOf(two, stays)).map(({ action }) => action)).not.toContain('user.erased')
})

test('the last administrator stays, whatever the caller forgot, also of two at once', async () => {
  const two = await startApp()
  const pair = [await createAdmin(two), await createAdmin(two)]
  const outcomes = await Promise.allSettled(
    pair.map(({ id }) =>
      two.ctx.db.updateTable('users').set({ role: 'user' }).where('id', '=', id).execute(),
    ),
  )
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused).toMatchObject([{ reason: { constraint: 'users_last_admin' } }])
  const [last] = await admins(two)
  for (const set of [{ blocked_at: sql<Date>`clock_timestamp()` }, { role: 'user' }]) {
    const update = two.ctx.db.updateTable('users').set(set).where('id', '=', last!).execute()
    await expect(update).rejects.toMatchObject({ constraint: 'users_last_admin' })
  }
})

test('who is demoted or blocked while the invitation is made invites nobody', async () => {
  for (const fields of [{ role: 'user' as const }, { blocked_at: new Date() }]) {
    const eve = await createAdmin(it)
    const email = `${newId()}@example.com`
    await it.ctx.db.updateTable('users').set(fields).where('id', '=', eve.id).execute()
    const inviting = inviteUser(it.ctx, adminOf(eve), { email, role: 'admin' })
    await expect(inviting).rejects.toMatchObject({ kind: expect.stringMatching('un|forbidden') })
    const [found] = (await ask([it, root], 'GET', `?q=${email}`)).json().items
    expect(found).toBeUndefined()
  }
})
