import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../../test/support/app.ts'
import { expireCode } from '../../test/support/rows.ts'
import { newId } from '../lib/ids.ts'

const it = await startApp()
const codes = '/api/v1/referrals/codes'
const byEmail = (email: string) =>
  `/api/v1/referrals/code-by-email?email=${encodeURIComponent(email)}`
const retire = (as: Account) => send(it, { method: 'DELETE', url: '/api/v1/referrals/code' }, as)

test('the check of a code tells whether it works, until when and who invites', async () => {
  const ann = await createAccount(it, { username: 'Ann-Lee' })
  const expires_at = inHours(5)
  const code = await createCode(it, ann, { expires_at, code: 'OWL-2027' })
  for (const spelled of [code, 'owl-2027', '0W1-2O27', '%20OWL-2027%20']) {
    const response = await get(it, `${codes}/${spelled}`)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({
      code,
      is_active: true,
      expires_at,
      referrer_name: 'Ann-Lee',
    })
    expect(response.headers['cache-control']).toBe('public, max-age=1')
  }
})

test('a retired and an expired code are checked as inactive, an unknown one is missing', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const [retired, expired] = [await createCode(it, ann), await createCode(it, bob)]
  await retire(ann)
  await expireCode(it, expired)
  for (const code of [retired, expired]) {
    expect((await get(it, `${codes}/${code}`)).json()).toMatchObject({ code, is_active: false })
  }
  for (const text of ['N0TACODE', 'a', '%00%00%00%00', '%F0%9F%98%80', 'x'.repeat(100)]) {
    expect((await get(it, `${codes}/${text}`)).json()).toMatchObject({
      status: 404,
      code: 'code_not_found',
    })
  }
})

test('whoever chooses a text learns whether it is free, and if not why', async () => {
  const ann = await createAccount(it)
  const taken = await createCode(it, ann)
  await retire(ann)
  const asked = async (text: string) =>
    (await get(it, `${codes}/${encodeURIComponent(text)}/availability`, ann)).json()
  const free = `F${newId().slice(-8)}`
  expect(await asked(free.toLowerCase())).toEqual({
    code: free.toUpperCase(),
    is_available: true,
    reason: null,
  })
  const refused = [
    [taken.toLowerCase(), 'code_taken'],
    ['adm1n', 'code_reserved'],
    ['a', 'validation_failed'],
    ['not a code', 'validation_failed'],
  ] as const
  for (const [text, reason] of refused) {
    expect(await asked(text)).toMatchObject({ is_available: false, reason })
    const payload = { expires_at: inHours(1), code: text }
    const tried = await post(it, '/api/v1/referrals/code', payload, ann)
    expect(tried.json().code, text).toBe(reason)
  }
})

test('the picture of the link is an SVG, or a PNG of 512 pixels', async () => {
  const code = await createCode(it, await createAccount(it))
  const svg = await get(it, `${codes}/${code}/qr`)
  expect(svg.headers['content-type']).toMatch(/^image\/svg\+xml/)
  expect(svg.body).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\s*$/)
  expect(svg.body).not.toMatch(/script|href|on\w+=/)

  const png = await get(it, `${codes}/${code}/qr?format=png`)
  expect(png.headers['content-type']).toBe('image/png')
  expect(png.rawPayload.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  expect([png.rawPayload.readUInt32BE(16), png.rawPayload.readUInt32BE(20)]).toEqual([512, 512])
  expect(inflateSync(dataOf(png.rawPayload)).length).toBeGreaterThan(512)
})

test('a picture is drawn again for the same link, another for another', async () => {
  const [one, other] = [await createAccount(it), await createAccount(it)]
  const [a, b] = [await createCode(it, one), await createCode(it, other)]
  const draw = async (code: string) => (await get(it, `${codes}/${code}/qr`)).body
  expect(await draw(a)).toBe(await draw(a.toLowerCase()))
  expect(await draw(a)).not.toBe(await draw(b))
})

test('HEAD tells what GET would, without the body, and a wrong format is named', async () => {
  const code = await createCode(it, await createAccount(it))
  for (const url of [`${codes}/${code}`, `${codes}/${code}/qr`, `${codes}/${code}/qr?format=png`]) {
    const [full, head] = [await get(it, url), await send(it, { method: 'HEAD', url })]
    expect([head.statusCode, head.body]).toEqual([200, ''])
    expect(head.headers['content-type']).toBe(full.headers['content-type'])
  }
  const wrong = await get(it, `${codes}/${code}/qr?format=gif`)
  expect(wrong.json().errors).toMatchObject([
    { pointer: '/query/format', code: 'value_not_allowed' },
  ])
  expect((await get(it, `${codes}/N0TACODE/qr`)).json().code).toBe('code_not_found')
})

test('a code is found by its owner’s address in any case, without the owner', async () => {
  const ann = await createAccount(it, { email: 'Ann.Smith@Example.com', username: 'smithy' })
  const code = await createCode(it, ann)
  for (const email of [
    'Ann.Smith@Example.com',
    'ann.smith@example.COM',
    ' ann.smith@example.com ',
  ]) {
    const response = await get(it, byEmail(email))
    expect(response.json()).toEqual({
      id: expect.any(String),
      code,
      is_active: true,
      expires_at: expect.any(String),
      created_at: expect.any(String),
      url: `${it.ctx.config.PUBLIC_URL}/r/${code}`,
    })
    expect(response.body).not.toMatch(/smith/i)
    expect(response.body).not.toContain(ann.id)
    expect(response.headers['cache-control']).toBe('public, max-age=1')
  }
  expect((await get(it, byEmail(ann.email), ann)).headers['cache-control']).toBe('no-store')
})

test('an international address is found by each of its spellings', async () => {
  const code = await createCode(it, await createAccount(it, { email: 'Дима@Bücher.example' }))
  for (const email of ['дима@bücher.example', 'ДИМА@xn--bcher-kva.EXAMPLE']) {
    expect((await get(it, byEmail(email))).json()).toMatchObject({ code })
  }
})

test('an unknown address and one without an active code are answered by the same bytes', async () => {
  const people = { none: '', retired: '', expired: '' }
  for (const name of ['none', 'retired', 'expired'] as const) {
    const account = await createAccount(it, { email: `${name}@example.com` })
    if (name === 'expired') await expireCode(it, await createCode(it, account))
    if (name === 'retired') await createCode(it, account).then(() => retire(account))
    people[name] = account.email
  }
  const ask = async (email: string) => {
    const headers = { 'x-request-id': 'the-same-for-all' }
    const answer = await send(it, { method: 'GET', url: byEmail(email), headers })
    const { date: _, ...rest } = answer.headers
    return [answer.statusCode, answer.body, rest]
  }
  const unknown = await ask('nobody@example.com')
  expect(unknown[0]).toBe(404)
  for (const email of Object.values(people)) {
    // The second time from the cache.
    expect(await ask(email)).toEqual(unknown)
    expect(await ask(email)).toEqual(unknown)
  }
})

test('what is no address is named as the wrong field', async () => {
  for (const email of ['ann', '', '"a b"@example.com', 'a'.repeat(400)]) {
    const { status, errors } = (await get(it, byEmail(email))).json()
    expect([status, errors[0].pointer]).toEqual([422, '/query/email'])
  }
})

test('the look-up is for signed-in users, or for nobody, where the setting says so', async () => {
  const shut = await startApp({ CODE_LOOKUP: 'authenticated' })
  const ann = await createAccount(shut)
  const code = await createCode(shut, ann)
  expect((await get(shut, byEmail(ann.email))).json()).toMatchObject({
    status: 401,
    code: 'unauthorized',
  })
  const found = await get(shut, byEmail(ann.email), ann)
  expect(found.json()).toMatchObject({ code })
  expect(found.headers['cache-control']).toBe('no-store')

  const off = await startApp({ CODE_LOOKUP: 'off' })
  const bob = await createAccount(off)
  await createCode(off, bob)
  for (const as of [undefined, bob]) {
    expect((await get(off, byEmail(bob.email), as)).json()).toMatchObject({
      status: 404,
      code: 'code_not_found',
    })
  }
})

test.each(['blocked', 'erased'] as const)(
  'a code of somebody who was %s works no more than a retired one',
  async (what) => {
    const [ann, { ctx }] = [await createAccount(it, { username: `was-${what}` }), it]
    const code = await createCode(it, ann)
    const gone = { email: null, email_key: null, username: null, username_key: null }
    const now = new Date()
    const changes = what === 'blocked' ? { blocked_at: now } : { erased_at: now, ...gone }
    await ctx.db
      .updateTable('users')
      .set({ ...changes, ...(what === 'erased' && { password_hash: null }) })
      .where('id', '=', ann.id)
      .execute()

    expect((await get(it, `${codes}/${code}`)).json()).toMatchObject({ is_active: false })
    expect((await get(it, byEmail(ann.email))).statusCode).toBe(404)
    const body = { email: `friend-of-${what}@example.com`, password: PASSWORD, referral_code: code }
    const refused = await post(it, '/api/v1/auth/register', body)
    expect(refused.json()).toMatchObject({ status: 422, code: 'referral_code_retired' })
    expect((await send(it, { method: 'GET', url: byEmail(body.email) })).statusCode).toBe(404)
  },
)

/** The data of a PNG, its chunks put together. */
function dataOf(png: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const isData = png.toString('latin1', at + 4, at + 8) === 'IDAT'
    if (isData) parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  return Buffer.concat(parts)
}
