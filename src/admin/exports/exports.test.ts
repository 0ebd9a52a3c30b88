import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  send,
  startApp,
} from '../../../test/support/app.ts'
import { insertReferrals, insertUsers, promote } from '../../../test/support/rows.ts'

const it = await startApp()
const masked = await startApp({ REFERRAL_EMAILS: 'masked' })
const at = (day: string) => new Date(`${day}T12:00:00Z`)
let root: Account
let ann: Account
let code: string
let friends: string[]
beforeAll(async () => {
  root = await createAccount(it)
  await promote(it, root)
  ann = await createAccount(it, { username: 'ann' })
  code = await createCode(it, ann)
  friends = await insertReferrals(it, code, [
    { at: at('2026-02-01'), confirmedAt: at('2026-02-02'), email: '=cmd@example.com' },
    { at: at('2026-02-03'), username: 'bob' },
  ])
})

const mine = '/api/v1/users/me/referrals/export'
const admin = (what: string) => `/api/v1/admin/${what}/export`
const lines = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a referrer takes all referrals away as a file', async () => {
  const response = await get(it, mine, ann)
  expect(response.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'cache-control': 'no-store',
    'content-disposition': expect.stringMatching(/^attachment; filename="referrals-.*\.csv"$/),
  })
  const [header, bob, cmd, end] = response.body.split('\r\n')
  expect(header).toBe('\uFEFFid,email,username,code,status,reason,created_at,confirmed_at')
  expect(bob).toMatch(`${friends[1]},`)
  expect(bob).toMatch(/,bob,.+,pending,,2026-02-03T12:00:00.000Z,$/)
  expect(cmd).toBe(
    `${friends[0]},'=cmd@example.com,,${code},confirmed,,2026-02-01T12:00:00.000Z,2026-02-02T12:00:00.000Z`,
  )
  expect(end).toBe('')

  const some = await get(it, `${mine}?format=ndjson&status=confirmed`, ann)
  expect(lines(some.body)).toEqual([
    {
      id: friends[0],
      email: '=cmd@example.com',
      username: null,
      code,
      status: 'confirmed',
      reason: null,
      created_at: '2026-02-01T12:00:00.000Z',
      confirmed_at: '2026-02-02T12:00:00.000Z',
    },
  ])
})

test('addresses are masked in the file where they are in the list', async () => {
  const eve = await createAccount(masked)
  await insertReferrals(masked, await createCode(masked, eve), [{ email: 'bob.lee@example.com' }])
  const { body } = await get(masked, mine, eve)
  expect(body).toContain('b***@example.com')
  expect(body).not.toContain('bob.lee')
})

test('more than one batch is whole, in the order of the list, each once', async () => {
  const ivy = await createAccount(it)
  const many = await createCode(it, ivy)
  const people = await insertUsers(it, 2100)
  const ids = people.map(({ id }) => id)
  await sql`insert into referrals (user_id, user_seq, referrer_id, referrer_seq, code_id, code_expires_at)
    select users.id, users.seq, codes.user_id, (select seq from users where id = codes.user_id),
      codes.id, codes.expires_at
    from users, referral_codes as codes
    where codes.code = ${many} and users.id = any(${ids})`.execute(it.ctx.db)
  const found = lines((await get(it, `${mine}?format=ndjson`, ivy)).body)
  expect(found.map(({ id }) => id)).toEqual(ids.toReversed())
  const ofCode = await get(it, `${admin('referrals')}?format=ndjson&code=${many}`, root)
  expect(lines(ofCode.body).map(({ id }) => id)).toEqual(ids.toReversed())
})

test('an administrator takes referrals, codes and users away, by the filters of the lists', async () => {
  const query = `format=ndjson&status=confirmed&referrer_id=${ann.id}`
  const referrals = await get(it, `${admin('referrals')}?${query}`, root)
  expect(lines(referrals.body)).toMatchObject([
    {
      id: friends[0],
      email: '=cmd@example.com',
      referrer_id: ann.id,
      referrer_email: ann.email,
      referrer_username: 'ann',
    },
  ])
  const codes = lines((await get(it, `${admin('codes')}?format=ndjson&state=active`, root)).body)
  expect(codes).toContainEqual(
    expect.objectContaining({ code, state: 'expiring', uses: 2, owner_username: 'ann' }),
  )
  const users = lines((await get(it, `${admin('users')}?format=ndjson&role=admin`, root)).body)
  expect(users).toMatchObject([{ id: root.id, role: 'admin', active_code: null, referrals: 0 }])
  for (const what of ['referrals', 'codes', 'users']) {
    const { body } = await get(it, admin(what), root)
    expect(body.startsWith('\uFEFFid,')).toBe(true)
    expect(body).not.toMatch(/password|argon2|=cmd(?<!'=cmd)/)
  }
})

test('files of others answer as missing ones, those of everybody are for administrators', async () => {
  const missing = '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60'
  for (const id of [ann.id, missing]) {
    const eve = await createAccount(it)
    const refused = await get(it, mine.replace('me', id), eve)
    expect(refused.json()).toMatchObject({ status: 404, code: 'user_not_found' })
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(refused.headers['content-disposition']).toBeUndefined()
  }
  expect((await get(it, mine)).statusCode).toBe(401)
  for (const what of ['referrals', 'codes', 'users']) {
    expect((await get(it, admin(what), ann)).json()).toMatchObject({ code: 'admin_only' })
    expect((await get(it, admin(what))).statusCode).toBe(401)
    const wrong = await get(it, `${admin(what)}?format=xlsx&q=a`, root)
    expect(wrong.json()).toMatchObject({ status: 422, code: 'validation_failed' })
  }
  expect((await send(it, { method: 'HEAD', url: mine }, ann)).body).toBe('')
})

const EXPORTED = '/api/v1/admin/audit?action=list.exported'

test('whoever takes everybody away as a file is written down, before it goes', async () => {
  for (const list of ['referrals', 'codes', 'users']) {
    const before = (await get(it, EXPORTED, root)).json().total
    await send(it, { method: 'HEAD', url: admin(list) }, root)
    await get(it, `${admin(list)}?format=ndjson`, root)
    const { items, total } = (await get(it, EXPORTED, root)).json()
    expect(items[0]).toMatchObject({ actor: { id: root.id }, details: { list, format: 'ndjson' } })
    // To ask for the head alone takes nothing away.
    expect(total).toBe(before + 1)
  }
})
