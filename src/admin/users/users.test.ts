import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  get,
  inHours,
  post,
  send,
  startApp,
} from '../../../test/support/app.ts'
import { expireCode, insertReferrals, insertUsers } from '../../../test/support/rows.ts'
import { COUNTED_MAX } from '../../db/page.ts'
import { newId, newIdAt } from '../../lib/ids.ts'
import { ask, createAdmin } from './admins.fixture.ts'

const it = await startApp()
const root = await createAdmin(it, { username: 'root-of-all' })
const find = async (query: string) => (await ask([it, root], 'GET', `?${query}`)).json()
const idsOf = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id)
const search = async (q: string) => idsOf(await find(`q=${encodeURIComponent(q)}`))

test('an administrator sees everybody, newest first, with code and referrals', async () => {
  const ann = await createAccount(it, { username: 'listed-ann' })
  const code = await createCode(it, ann)
  const [friend] = await insertReferrals(it, code, [{}])
  const page = await find('size=2')
  expect(page.items[0]).toMatchObject({ id: friend, active_code: null, referrals: 0 })
  expect(page.items[1]).toEqual({
    id: ann.id,
    email: ann.email,
    username: 'listed-ann',
    role: 'user',
    email_verified: false,
    invited_at: null,
    blocked_at: null,
    erased_at: null,
    created_at: expect.stringMatching(/Z$/),
    active_code: { code, expires_at: expect.stringMatching(/Z$/) },
    referrals: 1,
  })
  const { items } = await find(`size=2&cursor=${page.next_cursor}`)
  expect(items[0].id).not.toBe(ann.id)
})

test('a retired or expired code is not the active one', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  await expireCode(it, await createCode(it, ann))
  await createCode(it, bob)
  await send(it, { method: 'DELETE', url: '/api/v1/referrals/code' }, bob)
  for (const { id } of [ann, bob]) {
    expect((await ask([it, root], 'GET', `/${id}`)).json().active_code).toBe(null)
  }
})

test('a search finds a part of an address or a name, a whole id, a whole code', async () => {
  const mark = newId().slice(-12)
  const ann = await createAccount(it, { email: `Ann.${mark}@example.com`, username: `Bea-${mark}` })
  const code = await createCode(it, ann)
  await createCode(it, await createAccount(it))
  for (const q of [
    mark.slice(2),
    `ANN.${mark}`,
    `${mark}@Example.com`,
    `bea-${mark.slice(0, 5)}`,
    ann.id,
    ann.id.replaceAll('-', ''),
    ` ${code.toLowerCase()} `,
  ]) {
    expect(await search(q), q).toEqual([ann.id])
  }
  expect(await search(code.slice(0, -1))).toEqual([])
  expect(await search(newId())).toEqual([])
})

test('signs that patterns know stand for themselves, in a search of any script', async () => {
  const [percent, cyrillic] = await Promise.all([
    createAccount(it, { email: 'a%b_c@example.com' }),
    createAccount(it, { username: 'Мария.Я' }),
  ])
  expect(await search('a%b_')).toEqual([percent.id])
  expect(await search('a_b')).toEqual([])
  expect(await search('%')).toEqual([])
  expect(await search('\\')).toEqual([])
  expect(await search('МАРИЯ')).toEqual([cyrillic.id])
})

test('one or two letters are looked for where a name begins', async () => {
  const [user] = await insertUsers(it, 1, { username: 'ßq-first', username_key: 'ßq-first' })
  expect(await search('ßq')).toEqual([user!.id])
  expect(await search('q-')).toEqual([])
})

test('filters are those of the query, all at once', async () => {
  const mark = newId().slice(-12)
  const make = (n: number, fields: object) => {
    const email = `f${n}-${mark}@example.com`
    return insertUsers(it, 1, { email, email_key: email, ...fields }).then(([user]) => user!.id)
  }
  const at = new Date()
  const plain = await make(1, {})
  const blocked = await make(2, { blocked_at: at })
  const verified = await make(3, { email_verified_at: at })
  const admin = await make(4, { role: 'admin', email_verified_at: at })
  const found = async (query: string) => idsOf(await find(`q=${mark}&${query}`))
  expect(await found('blocked=true')).toEqual([blocked])
  expect(await found('blocked=false')).toEqual([admin, verified, plain])
  expect(await found('email_verified=true')).toEqual([admin, verified])
  expect(await found('email_verified=false')).toEqual([blocked, plain])
  expect(await found('role=admin')).toEqual([admin])
  expect(await found('role=user&email_verified=true&blocked=false')).toEqual([verified])
})

test('a span of time holds its beginning and not its end', async () => {
  const moment = Date.parse('2020-03-01T12:00:00.000Z')
  const at = (ms: number) => ({ id: newIdAt(moment + ms), created_at: new Date(moment + ms) })
  const ids: string[] = []
  for (const ms of [-1, 0, 1]) ids.push((await insertUsers(it, 1, at(ms)))[0]!.id)
  // Made by an instance whose clock is half an hour slow.
  const slow = { id: newIdAt(moment - 1_800_000), created_at: new Date(moment) }
  const [late] = await insertUsers(it, 1, slow)
  const span = async (query: string) => new Set(idsOf(await find(query)))
  const from = 'created_from=2020-03-01T12:00:00Z'
  const to = 'created_to=2020-03-01T12:00:00.001Z'
  expect(await span(`${from}&${to}`)).toEqual(new Set([ids[1], late!.id]))
  expect(await span('created_to=2020-03-01T12:00:00Z')).toEqual(new Set([ids[0]]))
  expect(await span('created_from=0001-01-01T00:00:00Z&created_to=2020-03-01T11:00:00Z')).toEqual(
    new Set(),
  )
})

test('a list is counted so far and no further, and its cursor leads on', async () => {
  const crowd = await startApp()
  const admin = await createAdmin(crowd)
  for (let n = 0; n < 4; n++) await insertUsers(crowd, COUNTED_MAX / 4)
  const page = (await ask([crowd, admin], 'GET', '?size=100')).json()
  expect(page).toMatchObject({ total: COUNTED_MAX, total_is_exact: false, pages: 100 })
  const last = (await ask([crowd, admin], 'GET', '?size=100&page=100')).json()
  expect(last.items).toHaveLength(100)
  const beyond = (await ask([crowd, admin], 'GET', `?size=100&cursor=${last.next_cursor}`)).json()
  expect(idsOf(beyond)).toEqual([admin.id])
  const one = (await ask([crowd, admin], 'GET', `?q=${admin.id}`)).json()
  expect(one).toMatchObject({ total: 1, total_is_exact: true })
})

test('one user is shown whole, with everybody by whom they came', async () => {
  const ann = await createAccount(it, { username: 'chain-ann' })
  const first = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code: first })
  const second = await createCode(it, bob)
  const carl = await createAccount(it, { referral_code: second, username: 'chain-carl' })
  const third = await createCode(it, carl, { expires_at: inHours(48) })
  await insertReferrals(it, third, [{}, { confirmedAt: new Date(Date.now() + 1000) }])
  const detail = (await ask([it, root], 'GET', `/${carl.id}`)).json()
  expect(detail).toMatchObject({
    id: carl.id,
    email: carl.email,
    username: 'chain-carl',
    locale: 'en',
    active_code: { code: third },
    referrals: 2,
    referrals_confirmed: 1,
    codes: 1,
    sessions: 1,
    blocked_reason: null,
    referrers: [
      { id: bob.id, name: null, code: second },
      { id: ann.id, name: 'chain-ann', code: first },
    ],
  })
  expect(Date.parse(detail.last_sign_in_at)).toBeGreaterThan(Date.parse(detail.created_at))
  expect(JSON.stringify(detail)).not.toMatch(/password|argon2|_key/)
  const undashed = await ask([it, root], 'GET', `/${carl.id.replaceAll('-', '')}`)
  expect(undashed.json().id).toBe(carl.id)
  expect((await ask([it, root], 'GET', '/me')).json()).toMatchObject({ id: root.id, referrers: [] })
})

test('the devices of a user are shown, those signed out no more', async () => {
  const ann = await createAccount(it)
  const sessions = async () => (await ask([it, root], 'GET', `/${ann.id}/sessions`)).json().items
  expect(await sessions()).toMatchObject([{ client_id: 'invitree' }])
  expect(Object.keys((await sessions())[0])).not.toContain('is_current')
  await post(it, '/api/v1/auth/revoke', { token: ann.refresh_token })
  expect(await sessions()).toEqual([])
})

const PER_USER = [
  ['GET', ''],
  ['PATCH', '', { role: 'admin' }],
  ['DELETE', ''],
  ['GET', '/sessions'],
  ['DELETE', '/sessions'],
  ['GET', '/audit'],
  ['POST', '/block', {}],
  ['POST', '/unblock'],
  ['POST', '/reset-password'],
] as const
const GENERAL = [
  ['GET', ''],
  ['POST', '/invite', { email: 'nobody@example.com' }],
] as const

test.each(PER_USER)('%s %s of an unknown id finds no user', async (method, path, body?) => {
  for (const id of [newId(), 'x', '00000000000000000000000000000000']) {
    const answer = await ask([it, root], method, `/${id}${path}`, body)
    expect(answer.json()).toMatchObject({ status: 404, code: 'user_not_found' })
  }
})

test('only administrators are answered, and others learn nothing from it', async () => {
  const eve = await createAccount(it)
  const calls = [
    ...GENERAL,
    ...[eve.id, newId()].flatMap((id) =>
      PER_USER.map(([method, path, body]) => [method, `/${id}${path}`, body] as const),
    ),
  ]
  for (const [method, path, body] of calls) {
    const refused = (await ask([it, eve], method, path, body)).json()
    expect(refused, `${method} ${path}`).toMatchObject({ status: 403, code: 'admin_only' })
    const unknown = (await ask([it, undefined], method, path, body)).json()
    expect(unknown, `${method} ${path}`).toMatchObject({ status: 401, code: 'unauthorized' })
  }
  expect((await get(it, '/api/v1/users/me', eve)).json().role).toBe('user')
})

test.each(['q=', 'role=root', 'blocked=maybe', 'created_from=yesterday', 'size=101', 'sort=id'])(
  'a query of %s is not understood',
  async (query) => {
    expect((await ask([it, root], 'GET', `?${query}`)).json().code).toBe('validation_failed')
  },
)
