import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  inHours,
  PASSWORD,
  send,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { startProxy } from '../../test/support/proxy.ts'
import { findBroken, promote } from '../../test/support/rows.ts'
import { deleteOldAnswers } from '../db/idempotency.ts'
import { newId } from '../lib/ids.ts'

const it = await startApp()
const CODE = '/api/v1/referrals/code'
const REGISTER = '/api/v1/auth/register'

interface Sent {
  url: string
  payload: object
  key: string
  as?: Account
  to?: TestApp
}

const ask = ({ url, payload, key, as, to = it }: Sent) =>
  send(to, { method: 'POST', url, payload, headers: { 'idempotency-key': key } }, as)
const someone = () => ({ email: `${newId()}@example.com`, password: PASSWORD })

function count(table: 'users' | 'referral_codes' | 'idempotency_keys') {
  return it.ctx.db
    .selectFrom(table)
    .select((where) => where.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow()
    .then(({ rows }) => rows)
}

test('the same registration with the same key is answered the same, and makes one account', async () => {
  const request = { url: REGISTER, payload: someone(), key: newId() }
  const [users, answers] = [await count('users'), await count('idempotency_keys')]
  const first = await ask(request)
  const again = await ask(request)
  expect(first.statusCode).toBe(201)
  expect(first.headers).not.toHaveProperty('idempotency-replayed')
  expect(again.headers['idempotency-replayed']).toBe('true')
  for (const part of ['content-type', 'location', 'content-length'] as const) {
    expect(again.headers[part], part).toBe(first.headers[part])
  }
  expect([again.statusCode, again.body]).toEqual([201, first.body])
  expect([await count('users'), await count('idempotency_keys')]).toEqual([users + 1, answers + 1])
})

test('the fields of the same request may come in another order, and by an original path', async () => {
  const { email, password } = someone()
  const key = newId()
  const first = await ask({ url: REGISTER, payload: { email, password }, key })
  const again = await ask({ url: '/api/v1/auth/user/', payload: { password, email }, key })
  expect([again.statusCode, again.body]).toEqual([201, first.body])
})

test('a key with another body is refused, and nothing happens', async () => {
  const key = newId()
  const first = await ask({ url: REGISTER, payload: someone(), key })
  expect(first.statusCode).toBe(201)
  const users = await count('users')
  const other = await ask({ url: REGISTER, payload: someone(), key })
  expect(other.json()).toMatchObject({
    status: 422,
    code: 'idempotency_key_reused',
    errors: [{ pointer: '/header/idempotency-key' }],
  })
  expect(await count('users')).toBe(users)
})

test('a key belongs to a user and an operation', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const request = { url: CODE, payload: { expires_at: inHours(1) }, key: newId() }
  const [hers, his] = [await ask({ ...request, as: ann }), await ask({ ...request, as: bob })]
  expect([hers.json().user_id, his.json().user_id]).toEqual([ann.id, bob.id])
  expect(his.headers).not.toHaveProperty('idempotency-replayed')
  const change = { current_password: PASSWORD, new_password: 'seven quiet lanterns' }
  const elsewhere = { url: '/api/v1/auth/change-password', payload: change, key: request.key }
  expect((await ask({ ...elsewhere, as: ann })).statusCode).toBe(204)
  expect((await ask({ ...elsewhere, as: ann })).headers['idempotency-replayed']).toBe('true')
  expect((await ask(request)).statusCode).toBe(401)
})

test('of twenty at once with one key one has an effect, and all end with the same answer', async () => {
  for (const url of [CODE, REGISTER]) {
    const as = url === CODE ? await createAccount(it) : undefined
    const payload = url === CODE ? { expires_at: inHours(1) } : someone()
    const request = { url, payload, key: newId(), ...(as && { as }) }
    const before = [await count('users'), await count('referral_codes')]
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(request)))
    const created = answers.filter((answer) => answer.statusCode === 201)
    expect(created.filter((one) => !one.headers['idempotency-replayed'])).toHaveLength(1)
    for (const answer of answers) {
      if (answer.statusCode === 201) continue
      expect(answer.json().code, answer.body).toBe('idempotency_in_progress')
      expect(answer.headers['retry-after']).toBe('1')
    }
    const retried = await Promise.all(answers.map(() => ask(request)))
    const bodies = [...created, ...retried].map((answer) => answer.body)
    expect(new Set(bodies).size).toBe(1)
    const after = [await count('users'), await count('referral_codes')]
    expect(after[0]! + after[1]!).toBe(before[0]! + before[1]! + 1)
  }
})

test('what is answered without a body is done once as well', async () => {
  const root = await createAccount(it)
  await promote(it, root)
  const friend = await createAccount(it)
  const url = `/api/v1/admin/users/${friend.id}/block`
  const request = { url, payload: {}, key: newId(), as: root }
  const [first, ...again] = [await ask(request), await ask(request), await ask(request)]
  expect([first.statusCode, first.headers['idempotency-replayed']]).toEqual([204, undefined])
  for (const { statusCode, headers } of again) {
    expect([statusCode, headers['idempotency-replayed']]).toEqual([204, 'true'])
  }
  expect(it.logged.filter(({ msg }) => String(msg).startsWith('Promise errored'))).toEqual([])
})

test('a request that is refused leaves its key free for the corrected one', async () => {
  const ann = await createAccount(it)
  const key = newId()
  const answers = await count('idempotency_keys')
  const past = await ask({ url: CODE, payload: { expires_at: inHours(-1) }, key, as: ann })
  expect(past.json().code).toBe('expires_at_in_past')
  const unknown = { ...someone(), referral_code: 'N0TACODE' }
  expect((await ask({ url: REGISTER, payload: unknown, key })).statusCode).toBe(422)
  expect(await count('idempotency_keys')).toBe(answers)
  const right = await ask({ url: CODE, payload: { expires_at: inHours(1) }, key, as: ann })
  expect(right.statusCode).toBe(201)
  const taken = await ask({ url: CODE, payload: { expires_at: inHours(1) }, key: newId(), as: ann })
  expect(taken.json().code).toBe('active_code_exists')
  expect((await ask({ url: REGISTER, payload: someone(), key })).statusCode).toBe(201)
})

test('after 24 hours a key is new again, and old answers are deleted', async () => {
  const ann = await createAccount(it)
  const request = { url: CODE, payload: { expires_at: inHours(1) }, key: newId(), as: ann }
  expect((await ask(request)).statusCode).toBe(201)
  const age = () => {
    const created_at = sql<Date>`clock_timestamp() - interval '24 hours 1 second'`
    return it.ctx.db.updateTable('idempotency_keys').set({ created_at }).execute()
  }
  await age()
  expect((await ask(request)).json().code).toBe('active_code_exists')
  await send(it, { method: 'DELETE', url: CODE }, ann)
  const anew = await ask(request)
  expect([anew.statusCode, anew.headers['idempotency-replayed']]).toEqual([201, undefined])
  await age()
  await deleteOldAnswers(it.ctx.db)
  expect(await count('idempotency_keys')).toBe(0)
})

test('a row tells neither the address nor the key, the user or the password', async () => {
  const ann = await createAccount(it)
  const person = someone()
  const key = newId()
  await ask({ url: REGISTER, payload: person, key })
  await ask({ url: CODE, payload: { expires_at: inHours(1) }, key, as: ann })
  const { rows } = await sql<{ row: string }>`
    select id || fingerprint || encode(answer_encrypted, 'escape') as row
    from idempotency_keys`.execute(it.ctx.db)
  const text = rows.map(({ row }) => row).join()
  expect(rows.length).toBeGreaterThanOrEqual(2)
  for (const secret of [person.email, PASSWORD, key, ann.id]) expect(text).not.toContain(secret)
})

test('a key that is empty, too long or not ASCII is refused by its name', async () => {
  for (const key of ['', 'x'.repeat(256), 'ключ', 'a\tb']) {
    const refused = await ask({ url: REGISTER, payload: someone(), key })
    expect(refused.json(), key).toMatchObject({
      status: 422,
      code: 'validation_failed',
      errors: [{ pointer: '/header/idempotency-key' }],
    })
  }
  const longest = await ask({ url: REGISTER, payload: someone(), key: '~ '.repeat(127) + '!' })
  expect(longest.statusCode).toBe(201)
})

test('an effect whose answer cannot be kept does not happen', async () => {
  const request = { url: REGISTER, payload: someone(), key: newId() }
  const users = await count('users')
  const refuse = sql`alter table idempotency_keys add constraint full_up check (false) not valid`
  await refuse.execute(it.ctx.db)
  expect((await ask(request)).statusCode).toBe(500)
  expect(await count('users')).toBe(users)
  await sql`alter table idempotency_keys drop constraint full_up`.execute(it.ctx.db)
  expect((await ask(request)).statusCode).toBe(201)
  expect(it.ctx.database.pool().waiting).toBe(0)
})

test('with a key a lost reply to COMMIT costs nothing: the kept answer is given, there is one effect', async () => {
  const url = await cloneDatabase()
  const proxy = await startProxy(url)
  const to = await startApp({ DATABASE_URL: proxy.url })
  const without = { method: 'POST', url: REGISTER, payload: someone() } as const
  const request = { url: REGISTER, payload: someone(), key: newId(), to }
  proxy.loseCommits()
  expect((await send(to, without)).json().code).toBe('outcome_unknown')
  // More often than the pool has connections: each has to be given back.
  const answers = [await ask(request)]
  for (let i = 0; i < 12; i++) await ask({ ...request, payload: someone(), key: newId() })
  proxy.pass()
  expect((await send(to, without)).json().code).toBe('email_taken')
  answers.push(await ask(request), await ask(request))
  for (const answer of answers) {
    expect([answer.statusCode, answer.headers['idempotency-replayed']]).toEqual([201, 'true'])
  }
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  const users = await to.ctx.db.selectFrom('users').select('id').execute()
  expect(users).toHaveLength(14)
})

test('answers with tokens are never kept: signing in takes no notice of a key', async () => {
  const { email } = await createAccount(it)
  const answers = await count('idempotency_keys')
  const request = {
    url: '/api/v1/auth/login',
    payload: { email, password: PASSWORD },
    key: newId(),
  }
  const [one, other] = [await ask(request), await ask(request)]
  expect([one.statusCode, other.statusCode]).toEqual([200, 200])
  expect(one.json().refresh_token).not.toBe(other.json().refresh_token)
  expect(await count('idempotency_keys')).toBe(answers)
})

test('every POST but those that answer tokens takes the header', () => {
  const { paths } = it.app.swagger() as {
    paths: Record<string, { post?: { operationId: string; parameters?: { name: string }[] } }>
  }
  const without = Object.values(paths)
    .flatMap(({ post }) => post ?? [])
    .filter(({ parameters = [] }) => !parameters.some(({ name }) => name === 'Idempotency-Key'))
  expect(without.map(({ operationId }) => operationId).toSorted()).toEqual([
    'issueToken',
    'login',
    'openSession',
    'revokeToken',
  ])
})

test('through all of this every invariant held', async () => {
  expect(await findBroken(it)).toEqual([])
})
