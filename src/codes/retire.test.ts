import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  send,
  startApp,
} from '../../test/support/app.ts'
import { expireCode, findRow, promote } from '../../test/support/rows.ts'

const it = await startApp()
const mine = '/api/v1/referrals/code'
const codes = '/api/v1/referrals/codes'
const remove = (url: string, as?: Account) => send(it, { method: 'DELETE', url }, as)
const replace = (as: Account) =>
  send(it, { method: 'PUT', url: mine, payload: { expires_at: inHours(24) } }, as)

test('retiring answers 204 without a body, a second time 404', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const response = await remove(mine, ann)
  expect([response.statusCode, response.body]).toEqual([204, ''])
  expect((await get(it, mine, ann)).statusCode).toBe(404)
  expect((await remove(mine, ann)).json()).toMatchObject({ status: 404, code: 'code_not_found' })
  const { retired_at, expires_at } = await findRow(it, code)
  expect(retired_at?.getTime()).toBeLessThan(expires_at.getTime())
})

test('a code is retired by its text, in any case and look-alike, and then is gone', async () => {
  const ann = await createAccount(it)
  await createCode(it, ann, { code: 'OIL-2027' })
  expect((await remove(`${codes}/01l-2027`, ann)).statusCode).toBe(204)
  expect((await remove(`${codes}/OIL-2027`, ann)).statusCode).toBe(404)
})

test('a stranger’s code answers exactly as a missing one, and stays', async () => {
  const [ann, eve] = [await createAccount(it), await createAccount(it)]
  const code = await createCode(it, ann)
  const foreign = await remove(`${codes}/${code}`, eve)
  const missing = await remove(`${codes}/N0TACODE`, eve)
  const told = (answer: typeof foreign) => {
    const [{ instance: _, request_id: __, ...problem }, headers] = [answer.json(), answer.headers]
    return [answer.statusCode, problem, Object.keys(headers), headers['content-type']]
  }
  expect(told(foreign)).toEqual(told(missing))
  expect((await remove(`${codes}/${code}`)).statusCode).toBe(401)
  expect((await get(it, mine, ann)).json().code).toBe(code)
})

test.each(['%00', 'a', '%20', 'x'.repeat(101), '..%2f..', '%F0%9F%98%80'])(
  'the text %s names no code and does no harm',
  async (text) => {
    const response = await remove(`${codes}/${text}`, await createAccount(it))
    expect([404, 422]).toContain(response.statusCode)
  },
)

test('an administrator retires anybody’s code', async () => {
  const [ann, root] = [await createAccount(it), await createAccount(it)]
  await promote(it, root)
  const code = await createCode(it, ann)
  expect((await remove(`${codes}/${code}`, root)).statusCode).toBe(204)
  expect((await remove(`${codes}/${code}`, root)).statusCode).toBe(404)
  expect((await get(it, mine, ann)).statusCode).toBe(404)
})

test('the history shows each code once, newest first, with what came of it', async () => {
  const ann = await createAccount(it)
  const expired = await createCode(it, ann)
  await createAccount(it, { referral_code: expired })
  await expireCode(it, expired)
  const retired = await createCode(it, ann)
  await createAccount(it, { referral_code: retired })
  await createAccount(it, { referral_code: retired })
  const active = (await replace(ann)).json().code as string

  const page = (await get(it, codes, ann)).json()
  expect(page).toMatchObject({ total: 3, page: 1, size: 50, pages: 1, next_cursor: null })
  expect(page.items).toMatchObject([
    { code: active, is_active: true, uses: 0, retired_at: null },
    { code: retired, is_active: false, uses: 2, retired_at: expect.any(String) },
    { code: expired, is_active: false, uses: 1, retired_at: expect.any(String) },
  ])
  expect(page.items[2].retired_at).toBe(page.items[2].expires_at)
})

test('an expired code that nothing has followed is shown as inactive', async () => {
  const ann = await createAccount(it)
  await expireCode(it, await createCode(it, ann))
  const { items } = (await get(it, codes, ann)).json()
  expect(items).toMatchObject([{ is_active: false, retired_at: null }])
})

test('the history is walked by page and by cursor, each code once, of nobody else', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  await createCode(it, bob)
  const made: string[] = []
  for (let n = 0; n < 7; n++) made.unshift((await replace(ann)).json().code)

  const byPage: string[] = []
  for (const page of [1, 2, 3, 4, 5]) {
    const { items, total, pages } = (await get(it, `${codes}?page=${page}&size=2`, ann)).json()
    expect([total, pages]).toEqual([7, 4])
    byPage.push(...items.map(({ code }: { code: string }) => code))
  }
  expect(byPage).toEqual(made)

  const byCursor: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const asked: string = cursor && `&cursor=${cursor}`
    const page = (await get(it, `${codes}?size=3${asked}`, ann)).json()
    byCursor.push(...page.items.map(({ code }: { code: string }) => code))
    cursor = page.next_cursor
  }
  expect(byCursor).toEqual(made)
})

test.each([
  ['page=0', 'page', 'too_small'],
  ['page=-1', 'page', 'too_small'],
  ['page=1000000001', 'page', 'too_large'],
  ['page=1e3', 'page', 'type_wrong'],
  ['page=0x10', 'page', 'type_wrong'],
  ['page=1.0', 'page', 'type_wrong'],
  ['page=', 'page', 'type_wrong'],
  ['page=%201', 'page', 'type_wrong'],
  ['page=1&page=2', 'page', 'type_wrong'],
  ['size=0', 'size', 'too_small'],
  ['size=101', 'size', 'too_large'],
  ['size=abc', 'size', 'type_wrong'],
  ['size=99999999999999999999', 'size', 'type_wrong'],
  ['cursor=abc', 'cursor', 'format_wrong'],
  ['cursor=', 'cursor', 'format_wrong'],
  ['cursor=%27%3Bdrop', 'cursor', 'format_wrong'],
  ['limit=5', 'limit', 'field_unknown'],
])('a history asked for with ?%s is refused by the field’s name', async (query, name, code) => {
  const response = await get(it, `${codes}?${query}`, ann)
  expect(response.statusCode).toBe(422)
  expect(response.json().errors).toMatchObject([{ pointer: `/query/${name}`, code }])
})
const ann = await createAccount(it)

test('a cursor that was never given out is a place like any other', async () => {
  const page = (await get(it, `${codes}?cursor=${'_'.repeat(22)}`, ann)).json()
  expect(page).toMatchObject({ items: [], total: 0, next_cursor: null })
})

test.each([
  ['GET', mine],
  ['POST', mine],
  ['PUT', mine],
  ['PATCH', mine],
  ['DELETE', mine],
  ['GET', codes],
] as const)('%s %s asks for a sign-in', async (method, url) => {
  const payload = { expires_at: inHours(1) }
  const response = await send(it, {
    method,
    url,
    ...(method.startsWith('P') && { payload }),
  })
  expect(response.json()).toMatchObject({ status: 401, code: 'unauthorized' })
})
