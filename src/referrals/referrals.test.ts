import { beforeAll, expect, test } from 'vitest'
import { type Account, createAccount, createCode, get, startApp } from '../../test/support/app.ts'
import { insertReferrals, promote } from '../../test/support/rows.ts'

const it = await startApp()
const path = (id: string) => `/api/v1/users/${id}/referrals`
const list = (as: Account, query = '', id = 'me') => get(it, `${path(id)}?${query}`, as)
const idsOf = (response: { json(): { items: { id: string }[] } }) =>
  response.json().items.map(({ id }) => id)

test('a referrer sees who came, by which code, newest first', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code: code, username: 'bobby' })
  const eve = await createAccount(it, { referral_code: code.toLowerCase() })
  const response = await list(ann)
  expect(response.headers['cache-control']).toBe('no-store')
  expect(response.json()).toMatchObject({
    total: 2,
    page: 1,
    size: 50,
    pages: 1,
    next_cursor: null,
    items: [
      { id: eve.id, email: eve.email, username: null },
      {
        id: bob.id,
        user_id: bob.id,
        email: bob.email,
        username: 'bobby',
        code,
        status: 'pending',
        confirmed_at: null,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
      },
    ],
  })
})

test('the referrer is named by id, with or without dashes, in any case, or as me', async () => {
  const ann = await createAccount(it)
  const ids = await insertReferrals(it, await createCode(it, ann), [{}, {}])
  for (const id of ['me', ann.id, ann.id.replaceAll('-', ''), ann.id.toUpperCase()]) {
    expect(idsOf(await list(ann, '', id)), id).toEqual(ids.toReversed())
    expect((await get(it, `${path(id)}/summary`, ann)).json().registrations).toBe(2)
  }
})

test('a stranger’s referrals answer exactly as those of nobody', async () => {
  const [ann, eve] = [await createAccount(it), await createAccount(it)]
  await insertReferrals(it, await createCode(it, ann), [{}])
  const ask = async (id: string, what = '') => {
    const answer = await get(it, `${path(id)}${what}`, eve)
    const { request_id: _, instance: __, ...problem } = answer.json()
    return [problem, Object.keys(answer.headers), answer.headers['content-length']]
  }
  const missing = '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60'
  for (const what of ['', '/summary']) {
    const foreign = await ask(ann.id, what)
    expect(foreign[0]).toMatchObject({ status: 404, code: 'user_not_found' })
    expect(foreign).toEqual(await ask(missing, what))
    for (const id of ['nobody', '0', 'null', '%00', `${ann.id}0`, "'--"]) {
      expect((await ask(id, what))[0], id).toEqual(foreign[0])
    }
    expect((await get(it, path(ann.id) + what)).json()).toMatchObject({ status: 401 })
  }
})

test('an administrator sees everybody’s referrals and figures', async () => {
  const [ann, root] = [await createAccount(it), await createAccount(it)]
  await promote(it, root)
  await insertReferrals(it, await createCode(it, ann), [{}])
  expect((await list(root, '', ann.id)).json().total).toBe(1)
  expect((await get(it, `${path(ann.id)}/summary`, root)).json().registrations).toBe(1)
  const missing = '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60'
  expect((await list(root, '', missing)).json().code).toBe('user_not_found')
})

test('where the setting says so every user sees the list, the figures stay the referrer’s', async () => {
  const open = await startApp({ REFERRALS_VISIBILITY: 'authenticated' })
  const [ann, eve] = [await createAccount(open), await createAccount(open)]
  await insertReferrals(open, await createCode(open, ann), [{}])
  expect((await get(open, path(ann.id), eve)).json().total).toBe(1)
  expect((await get(open, `${path(ann.id)}/summary`, eve)).json().code).toBe('user_not_found')
  expect((await get(open, path('01936f3e0d4f7aa18f0e1b2c3d4e5f60'), eve)).statusCode).toBe(404)
  expect((await get(open, path(ann.id))).statusCode).toBe(401)
})

test('addresses are masked for all but administrators where the setting says so', async () => {
  const masked = await startApp({ REFERRAL_EMAILS: 'masked' })
  const [ann, root] = [await createAccount(masked), await createAccount(masked)]
  await promote(masked, root)
  await insertReferrals(masked, await createCode(masked, ann), [{ email: 'bob.lee@example.com' }])
  const seen = await get(masked, path('me'), ann)
  expect(seen.json().items[0].email).toBe('b***@example.com')
  expect(seen.body).not.toContain('bob.lee')
  expect((await get(masked, path(ann.id), root)).json().items[0].email).toBe('bob.lee@example.com')
})

test('what is masked is not found by its letters, only by the name that is shown', async () => {
  const masked = await startApp({ REFERRAL_EMAILS: 'masked' })
  const [ann, root] = [await createAccount(masked), await createAccount(masked)]
  await promote(masked, root)
  const friend = { email: 'bob.lee@example.com', username: 'robert' }
  await insertReferrals(masked, await createCode(masked, ann), [friend])
  const total = async (q: string, as = ann) =>
    (await get(masked, `${path(ann.id)}?q=${q}`, as)).json().total
  expect([await total('bob.lee'), await total('BOB'), await total('obert')]).toEqual([0, 0, 1])
  expect(await total('bob.lee', root)).toBe(1)
})

test('an erased friend stays in the list without a name', async () => {
  const ann = await createAccount(it)
  const [friend] = await insertReferrals(it, await createCode(it, ann), [{ username: 'gone' }])
  const none = { email: null, email_key: null, username: null, username_key: null }
  await it.ctx.db
    .updateTable('users')
    .set({ ...none, password_hash: null, erased_at: new Date() })
    .where('id', '=', friend!)
    .execute()
  expect((await list(ann)).json()).toMatchObject({
    total: 1,
    items: [{ id: friend, email: null, username: null }],
  })
})

test.each([
  ['page=0', 'page', 'too_small'],
  ['page=1e3', 'page', 'type_wrong'],
  ['size=101', 'size', 'too_large'],
  ['size=abc', 'size', 'type_wrong'],
  ['cursor=nonsense', 'cursor', 'format_wrong'],
  ['status=confirmd', 'status', 'value_not_allowed'],
  ['status=', 'status', 'value_not_allowed'],
  ['q=', 'q', 'too_short'],
  [`q=${'x'.repeat(101)}`, 'q', 'too_long'],
  ['q=a%00b', 'q', 'text_unreadable'],
  ['q=a&q=b', 'q', 'type_wrong'],
  ['created_from=yesterday', 'created_from', 'format_wrong'],
  ['created_to=2027-02-30T00:00:00Z', 'created_to', 'format_wrong'],
  ['created_to=99999-01-01T00:00:00Z', 'created_to', 'format_wrong'],
  ['state=pending', 'state', 'field_unknown'],
])('a list asked for with ?%s is refused by the field’s name', async (query, name, code) => {
  const response = await list(asker, query)
  expect(response.statusCode).toBe(422)
  expect(response.json().errors).toMatchObject([{ pointer: `/query/${name}`, code }])
})
let asker: Account
beforeAll(async () => {
  asker = await createAccount(it)
})
