import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  send,
  startApp,
} from '../../../test/support/app.ts'
import { expireCode, findRow, insertCode, promote } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'

const it = await startApp()
const root = await createAccount(it)
await promote(it, root)
const CODES = '/api/v1/admin/codes'
const list = async (query: string) => (await get(it, `${CODES}?${query}`, root)).json()
const textsOf = (page: { items: { code: string }[] }) => page.items.map(({ code }) => code)
const extend = (code: string, expires_at: string, as?: Account) =>
  send(it, { method: 'PATCH', url: `${CODES}/${code}`, payload: { expires_at } }, as)
const retire = (code: string, as?: Account) =>
  send(it, { method: 'DELETE', url: `${CODES}/${code}` }, as)
const check = (code: string) => get(it, `/api/v1/referrals/codes/${code}`)
const eventsOf = (codeId: string) =>
  it.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'actor_id', 'user_id', 'details', 'request_id'])
    .where('target_id', '=', codeId)
    .orderBy('id')
    .execute()

test('a code is listed with its state, its uses and whose it is', async () => {
  const ann = await createAccount(it, { username: 'ann' })
  const code = await createCode(it, ann, { expires_at: inHours(24 * 30) })
  await createAccount(it, { referral_code: code })
  expect(await list(`q=${code.toLowerCase()}`)).toMatchObject({
    total: 1,
    total_is_exact: true,
    items: [
      {
        code,
        state: 'active',
        is_active: true,
        uses: 1,
        user_id: ann.id,
        url: expect.stringContaining(`/r/${code}`),
        owner: { id: ann.id, email: ann.email, username: 'ann' },
      },
    ],
  })
})

test('each state finds its codes and no others', async () => {
  const owner = await createAccount(it)
  const replace = async (hours: number): Promise<string> => {
    const payload = { expires_at: inHours(hours) }
    const answered = { method: 'PUT', url: '/api/v1/referrals/code', payload } as const
    return (await send(it, answered, owner)).json().code
  }
  const replaced = await replace(24 * 30)
  const overBefore = await replace(24)
  await expireCode(it, overBefore)
  const expiring = await replace(24)
  const other = await createAccount(it)
  const active = await createCode(it, other, { expires_at: inHours(24 * 8) })
  const stranger = await createAccount(it)
  const expired = await createCode(it, stranger)
  await expireCode(it, expired)

  const made = [replaced, overBefore, expiring, active, expired]
  const found = async (state: string) => {
    const { items } = await list(`state=${state}&size=100`)
    return items.filter(({ code }: { code: string }) => made.includes(code))
  }
  expect(textsOf({ items: await found('active') })).toEqual([active, expiring])
  expect(textsOf({ items: await found('expiring') })).toEqual([expiring])
  expect(textsOf({ items: await found('expired') })).toEqual([expired, overBefore])
  expect(textsOf({ items: await found('retired') })).toEqual([replaced])
  for (const state of ['expiring', 'expired', 'retired']) {
    expect((await found(state)).every((code: { state: string }) => code.state === state)).toBe(true)
  }
})

test('codes are found by a part of their text, by look-alikes, by the owner’s address, name and id', async () => {
  const ann = await createAccount(it, { email: 'Findme_100%@example.com', username: 'finder' })
  const code = await createCode(it, ann, { code: 'HELLO-OIL' })
  for (const q of [
    'ello',
    '0-01',
    'findme_',
    '100%',
    'FINDER',
    ann.id,
    ann.id.replaceAll('-', ''),
  ]) {
    expect(textsOf(await list(`q=${encodeURIComponent(q)}`)), q).toEqual([code])
  }
  for (const q of ['findme%100', 'h_llo', newId(), "'; drop table users; --"]) {
    expect(textsOf(await list(`q=${encodeURIComponent(q)}`)), q).toEqual([])
  }
})

test('all codes are walked by page and by cursor, each once', async () => {
  const all = textsOf(await list('size=100'))
  const byPage: string[] = []
  for (let page = 1; byPage.length < all.length; page++) {
    byPage.push(...textsOf(await list(`size=2&page=${page}`)))
  }
  expect(byPage).toEqual(all)
  const byCursor: string[] = []
  for (let cursor = ''; ;) {
    const page = await list(`size=3${cursor && `&cursor=${cursor}`}`)
    byCursor.push(...textsOf(page))
    if (!page.next_cursor) break
    cursor = page.next_cursor
  }
  expect(byCursor).toEqual(all)
  expect((await get(it, `${CODES}?size=2`, root)).headers['link']).toContain('rel="next"')
})

test('an administrator moves the expiry; every instance forgets it, and the trail has both ends', async () => {
  const ann = await createAccount(it)
  const { code, id } = await insertCode(it, ann)
  await check(code)
  const row = await findRow(it, code)
  const wanted = inHours(48)
  const response = await extend(code.toLowerCase(), wanted, root)
  expect(response.statusCode, response.body).toBe(200)
  expect(response.json()).toMatchObject({ code, expires_at: wanted, is_active: true })
  expect((await check(code)).json().expires_at).toBe(wanted)
  expect(await eventsOf(id)).toMatchObject([
    {
      action: 'code.extended',
      actor_id: root.id,
      user_id: ann.id,
      details: { from: row.expires_at.toISOString(), to: wanted },
      request_id: response.headers['x-request-id'],
    },
  ])
})

test.each([
  ['2001-01-01T00:00:00Z', 'expires_at_in_past'],
  ['2999-01-01T00:00:00Z', 'expires_at_too_far'],
  ['tomorrow', 'validation_failed'],
])('an expiry of %s is refused as %s', async (expires_at, code) => {
  const text = await createCode(it, await createAccount(it))
  const response = await extend(text, expires_at, root)
  expect(response.json()).toMatchObject({ status: 422, code, errors: [{ pointer: '/expires_at' }] })
  expect(await eventsOf((await findRow(it, text)).id)).toEqual([])
})

test('a retired code stops working at once and for ever, and the trail has it', async () => {
  const ann = await createAccount(it)
  const { code, id } = await insertCode(it, ann)
  expect((await check(code)).json().is_active).toBe(true)
  const response = await retire(code, root)
  expect([response.statusCode, response.body]).toEqual([204, ''])
  expect((await check(code)).json().is_active).toBe(false)
  expect(await eventsOf(id)).toMatchObject([
    { action: 'code.retired', actor_id: root.id, user_id: ann.id },
  ])
  for (const again of [await retire(code, root), await extend(code, inHours(1), root)]) {
    expect(again.json()).toMatchObject({ status: 404, code: 'code_not_found' })
  }
})

test('an expired code, an erased owner’s and one that never was answer alike', async () => {
  const expired = await createCode(it, await createAccount(it))
  await expireCode(it, expired)
  const gone = await createAccount(it)
  const erased = await createCode(it, gone)
  await send(it, { method: 'DELETE', url: '/api/v1/users/me' }, gone)
  const told = async (code: string) => {
    const answers = [await extend(code, inHours(1), root), await retire(code, root)]
    return answers.map(({ statusCode, body }) => [statusCode, JSON.parse(body).code])
  }
  const missing = await told('N0TACODE')
  expect(missing).toEqual([
    [404, 'code_not_found'],
    [404, 'code_not_found'],
  ])
  for (const code of [expired, erased, 'x'.repeat(100), '%00'])
    expect(await told(code)).toEqual(missing)
})

test('an administrator who retires a code at the public path writes the same row, its owner none', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const [one, other] = [await insertCode(it, ann), await insertCode(it, bob)]
  const path = (code: string) => `/api/v1/referrals/codes/${code}`
  await send(it, { method: 'DELETE', url: path(one.code) }, root)
  await send(it, { method: 'DELETE', url: path(other.code) }, bob)
  expect(await eventsOf(one.id)).toMatchObject([{ action: 'code.retired', actor_id: root.id }])
  expect(await eventsOf(other.id)).toEqual([])
})

test('of administrators who retire one code at once exactly one does', async () => {
  const { code, id } = await insertCode(it, await createAccount(it))
  const answers = await Promise.all(Array.from({ length: 8 }, () => retire(code, root)))
  const statuses = answers.map(({ statusCode }) => statusCode).filter((status) => status !== 404)
  expect(statuses).toEqual([204])
  expect(await eventsOf(id)).toHaveLength(1)
})

test('of administrators who extend at once each begins where another ended, and a retirement ends it', async () => {
  const { code, id, expires_at } = await insertCode(it, await createAccount(it))
  const wanted = [30, 31, 32, 33].map(inHours)
  const answers = await Promise.all([
    ...wanted.map((at) => extend(code, at, root)),
    retire(code, root),
  ])
  const events = (await eventsOf(id)).map(({ action, details }) => ({
    action,
    ...(details as { from?: string; to?: string }),
  }))
  const moved = events.filter(({ action }) => action === 'code.extended')
  expect(answers.at(-1)?.statusCode).toBe(204)
  expect(moved).toHaveLength(answers.filter(({ statusCode }) => statusCode === 200).length)
  // As a chain: each starts where one ended, whatever the order in which they were written down.
  const starts = moved.map(({ from }) => from)
  const ends = [expires_at.toISOString(), ...moved.map(({ to }) => to)]
  const final = (await findRow(it, code)).expires_at.toISOString()
  expect(new Set([...starts, final])).toEqual(new Set(ends))
  expect(events.filter(({ action }) => action === 'code.retired')).toHaveLength(1)
})

test('only administrators see and change codes of others', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  for (const [as, status, problem] of [
    [ann, 403, 'admin_only'],
    [undefined, 401, 'unauthorized'],
  ] as const) {
    const answers = [
      await get(it, CODES, as),
      await extend(code, inHours(1), as),
      await retire(code, as),
    ]
    for (const answer of answers) expect(answer.json()).toMatchObject({ status, code: problem })
  }
  expect((await check(code)).json().is_active).toBe(true)
})

test.each(['state=over', 'q=', `q=${'x'.repeat(101)}`, 'sort=uses', 'size=0', 'cursor=x'])(
  'a list asked for with ?%s is refused',
  async (query) => {
    expect((await get(it, `${CODES}?${query}`, root)).json()).toMatchObject({
      status: 422,
      code: 'validation_failed',
    })
  },
)
