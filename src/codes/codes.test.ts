import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { expireCode, findRow } from '../../test/support/rows.ts'

const it = await startApp()
const mine = '/api/v1/referrals/code'
const create = (as: Account, body: object) => post(it, mine, body, as)
const replace = (as: Account, payload: object) =>
  send(it, { method: 'PUT', url: mine, payload }, as)
const extend = (as: Account, expires_at: unknown) =>
  send(it, { method: 'PATCH', url: mine, payload: { expires_at } }, as)
const expires_at = inHours(24)

test('a generated code has eight letters that cannot be confused, a link and an address', async () => {
  const ann = await createAccount(it)
  const response = await create(ann, { expires_at })
  const code = response.json()
  expect(response.statusCode).toBe(201)
  expect(code.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  expect(response.headers['location']).toBe(`/api/v1/referrals/codes/${code.code}`)
  expect(response.headers['cache-control']).toBe('no-store')
  expect(code).toEqual({
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    user_id: ann.id,
    code: code.code,
    expires_at,
    is_active: true,
    url: `${it.ctx.config.PUBLIC_URL}/r/${code.code}`,
    uses: 0,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
    retired_at: null,
  })
  expect((await get(it, response.headers['location'] as string)).statusCode).toBe(200)
  expect((await get(it, mine, ann)).json()).toEqual(code)
})

test('a text of one’s own is kept in upper case', async () => {
  const ann = await createAccount(it)
  expect((await create(ann, { expires_at, code: ' my_Code-27 ' })).json().code).toBe('MY_CODE-27')
})

test('a second code is refused while the first is active, whatever else it asks for', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const response = await create(ann, { expires_at, code: 'SECOND-ONE' })
  expect(response.json()).toMatchObject({ status: 409, code: 'active_code_exists' })
  expect((await get(it, mine, ann)).json().code).toBe(code)
  expect(await createCode(it, await createAccount(it), { code: 'second-one' })).toBe('SECOND-ONE')
})

test('an expired code makes room and counts as over from its expiry on', async () => {
  const ann = await createAccount(it)
  const old = await createCode(it, ann)
  await expireCode(it, old)
  expect((await get(it, mine, ann)).json()).toMatchObject({ status: 404, code: 'code_not_found' })
  await createCode(it, ann)
  const row = await findRow(it, old)
  expect(row.retired_at).toEqual(row.expires_at)
})

const day = inHours(24 * 100).slice(0, 10)

test.each([
  [`${day}T12:00:00Z`, `${day}T12:00:00.000Z`],
  [`${day}t12:00:00z`, `${day}T12:00:00.000Z`],
  [`${day} 12:00`, `${day}T12:00:00.000Z`],
  [`${day}T12:00:00`, `${day}T12:00:00.000Z`],
  [`${day}T12:00:00+05:00`, `${day}T07:00:00.000Z`],
  [`${day}T12:00:00.5-01:30`, `${day}T13:30:00.500Z`],
])('the expiry %s is kept as %s', async (written, kept) => {
  const response = await create(await createAccount(it), { expires_at: written })
  expect(response.json()).toMatchObject({ code: expect.any(String), expires_at: kept })
})

test.each([
  ['1970-01-01T00:00:00Z', 'expires_at_in_past'],
  ['0001-01-01T00:00:00Z', 'expires_at_in_past'],
  [new Date(Date.now() - 1000).toISOString(), 'expires_at_in_past'],
  // Ahead by the digits alone, past by the offset.
  [new Date(Date.now() + 3_600_000).toISOString().replace('Z', '+05:00'), 'expires_at_in_past'],
  [inHours(24 * 730 + 1), 'expires_at_too_far'],
  ['9999-12-31T23:59:59Z', 'expires_at_too_far'],
  ['99999-01-01T00:00:00Z', 'format_wrong'],
  ['0000-00-00T00:00:00Z', 'format_wrong'],
  ['2027-02-30T00:00:00Z', 'format_wrong'],
  ['2027-10-10', 'format_wrong'],
  ['tomorrow', 'format_wrong'],
  ['', 'format_wrong'],
  ['9'.repeat(1000), 'too_long'],
  [1_900_000_000, 'type_wrong'],
  [null, 'type_wrong'],
  [['2027-10-10T12:00:00Z'], 'type_wrong'],
  [undefined, 'field_required'],
])('the expiry %j is refused: %s', async (written, code) => {
  const ann = await createAccount(it)
  for (const answer of [
    await create(ann, { expires_at: written }),
    await replace(ann, { expires_at: written }),
    await extend(ann, written),
  ]) {
    expect(answer.statusCode).toBe(422)
    expect(answer.json().errors[0]).toMatchObject({
      pointer: '/expires_at',
      code,
      detail: expect.stringMatching(/\w/),
    })
  }
  expect((await get(it, mine, ann)).statusCode).toBe(404)
})

test('the refusal of a far expiry says how far is allowed', async () => {
  const response = await create(await createAccount(it), { expires_at: inHours(24 * 731) })
  expect(response.json()).toMatchObject({
    code: 'expires_at_too_far',
    detail: expect.stringContaining('730'),
  })
})

test.each([
  ['ABC', 422, 'format_wrong'],
  ['A'.repeat(33), 422, 'format_wrong'],
  ['AB CD', 422, 'format_wrong'],
  ['ÄNNE', 422, 'format_wrong'],
  ['ABCD\0', 422, 'text_unreadable'],
  ['', 422, 'format_wrong'],
  [null, 422, 'type_wrong'],
  [12345678, 422, 'type_wrong'],
  ['admin', 422, 'code_reserved'],
  ['R00T', 422, 'code_reserved'],
])('the text %j is refused', async (code, status, why) => {
  const ann = await createAccount(it)
  for (const answer of [
    await create(ann, { expires_at, code }),
    await replace(ann, { expires_at, code }),
  ]) {
    expect(answer.statusCode).toBe(status)
    expect(answer.json().errors).toContainEqual(
      expect.objectContaining({ pointer: '/code', code: why }),
    )
  }
})

test('a misspelt field is named', async () => {
  const response = await create(await createAccount(it), { expires_at, expire_at: expires_at })
  expect(response.json().errors).toMatchObject([{ pointer: '/expire_at', code: 'field_unknown' }])
})

test('a text is never given out twice, in any case, look-alikes included, not even when retired', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  await createCode(it, ann, { code: 'SOIL-1010' })
  const folds = ['SOIL-1010', 'soil-1010', 'S0IL-1010', 'SO1L-IOIO', 's01i-l0i0', 'S0II-LOLO']
  const refused = async (as: Account) => {
    for (const code of folds) {
      const response = await create(as, { expires_at, code })
      expect(response.json(), code).toMatchObject({
        status: 409,
        code: 'code_taken',
        errors: [{ pointer: '/code' }],
      })
    }
  }
  await refused(bob)
  expect((await send(it, { method: 'DELETE', url: mine }, ann)).statusCode).toBe(204)
  await refused(bob)
  await refused(ann)
})

test('replacing retires the old code and makes the new one active, also when there is none', async () => {
  const ann = await createAccount(it)
  const first = await replace(ann, { expires_at, code: 'FIRST-OF-ANN' })
  expect(first.statusCode).toBe(201)
  const second = await replace(ann, { expires_at })
  expect(second.statusCode).toBe(201)
  expect(second.headers['location']).toBe(`/api/v1/referrals/codes/${second.json().code}`)
  expect((await get(it, mine, ann)).json().code).toBe(second.json().code)
  const row = await findRow(it, 'FIRST-OF-ANN')
  expect(row.retired_at?.getTime()).toBeLessThanOrEqual(Date.parse(second.json().created_at))
})

test('a refused replacement leaves the active code as it was', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  expect((await replace(ann, { expires_at, code })).json().code).toBe('code_taken')
  expect((await get(it, mine, ann)).json()).toMatchObject({ code, is_active: true })
})

test('an expiry is moved later and sooner, in any form of writing it', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  for (const hours of [48, 1, 24 * 729]) {
    const moment = inHours(hours)
    const moved = await extend(ann, moment.replace('Z', '+00:00'))
    expect(moved.json()).toMatchObject({ code, expires_at: moment, is_active: true, uses: 0 })
    expect((await get(it, mine, ann)).json()).toEqual(moved.json())
  }
})

test('an expired code is over: it is neither extended nor retired by its owner', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  await expireCode(it, code)
  for (const answer of [
    await extend(ann, expires_at),
    await send(it, { method: 'DELETE', url: mine }, ann),
    await send(it, { method: 'DELETE', url: `/api/v1/referrals/codes/${code}` }, ann),
  ]) {
    expect(answer.json()).toMatchObject({ status: 404, code: 'code_not_found' })
  }
})
