import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { InjectOptions } from 'fastify'
import { expect, test } from 'vitest'
import { enrich } from '../../src/accounts/enrichment.ts'
import { newId } from '../../src/lib/ids.ts'
import { startHostileServer } from '../support/hostile-http.ts'
import { listMails, tokenIn, waitForMail } from '../support/mail.ts'
import { promote } from '../support/rows.ts'
import { createAccount, createCode, get, PASSWORD, post, send, startApp } from '../support/app.ts'

/** Stands in every address, password, token and header that is sent here; nobody may ever find it again. */
const MARK = `zq${newId().replaceAll('-', '').slice(-16)}`
const BROKEN = `${MARK}broken`
const EMAIL = `${MARK}@example.com`
const SECRET = `${MARK}-pass-phrase`

const clearbit = await startHostileServer()
const it = await startApp(
  { CLEARBIT_API_KEY: `${MARK}-key`, CLEARBIT_URL: clearbit.url('good'), LOG_LEVEL: 'debug' },
  { worker: true },
)
const { db } = it.ctx
/** What the service gave out and must not write down either. */
const issued: string[] = []

interface Operation {
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: { $ref?: string; properties?: object } }> }
}
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { properties?: object }> }
}
const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document

const HEADERS = {
  authorization: `Bearer ${MARK}.${MARK}.${MARK}`,
  cookie: `session=${MARK}; invitree_device=${MARK}`,
  'idempotency-key': MARK,
  'user-agent': MARK,
  referer: `https://example.com/?token=${MARK}`,
  origin: `https://${MARK}.example`,
  'x-api-key': MARK,
  'x-forwarded-for': MARK,
  'accept-language': MARK,
}

/** Every operation of the document, its parts filled with the mark, well-formed and not. */
function* everyRequest(): Generator<InjectOptions> {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(methods)) {
      const url = path.replaceAll(/\{\w+\}/g, EMAIL)
      const query = parameters.filter((one) => one.in === 'query').map(({ name }) => name)
      const search = new URLSearchParams(
        [...query, 'token', 'email'].map((name): [string, string] => [name, EMAIL]),
      )
      const request = { method: method.toUpperCase() as 'GET', url: `${url}?${search.toString()}` }
      yield request
      yield { ...request, url }
      const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? []
      if (!type || !media) continue
      for (const body of bodiesOf(media.schema)) {
        yield { ...request, url, payload: body, headers: { 'content-type': 'application/json' } }
      }
    }
  }
}

function bodiesOf({ $ref, properties }: { $ref?: string; properties?: object }): string[] {
  const named = $ref ? document.components.schemas[$ref.split('/').at(-1)!]?.properties : properties
  const names = Object.keys(named ?? {})
  const filled = (value: unknown) => Object.fromEntries(names.map((name) => [name, value]))
  return [
    JSON.stringify(filled(EMAIL)),
    JSON.stringify(filled({ [MARK]: MARK })),
    JSON.stringify({ ...filled(SECRET), [MARK]: SECRET }),
    JSON.stringify({ __proto__: null, constructor: MARK }),
    `{"email": "${EMAIL}", "password": ${SECRET}`,
    JSON.stringify(filled(MARK.repeat(5000))),
  ]
}

/** A person whose every part carries the mark goes through all that can be done with an account. */
async function live(): Promise<void> {
  const username = `${MARK.slice(0, 20)}u`
  const ann = await createAccount(it, { email: EMAIL, password: SECRET, username })
  const code = await createCode(it, ann)
  await createAccount(it, { email: `friend.${EMAIL}`, password: SECRET, referral_code: code })
  await post(it, '/api/v1/auth/register', { email: EMAIL, password: SECRET })
  await post(it, '/api/v1/auth/login', { email: EMAIL, password: `${SECRET}-wrong` })
  const granted = await send(it, {
    method: 'POST',
    url: '/api/v1/auth/token',
    payload: new URLSearchParams({ grant_type: 'password', username, password: SECRET }).toString(),
    headers: { ...HEADERS, 'content-type': 'application/x-www-form-urlencoded' },
  })
  const { access_token, refresh_token } = granted.json()
  await post(it, '/api/v1/auth/token', { grant_type: 'refresh_token', refresh_token })
  await get(it, `/api/v1/referrals/code-by-email?email=${encodeURIComponent(EMAIL)}`)
  await get(it, `/api/v1/codes/${EMAIL}`)
  await get(it, `/r/${code}?from=${MARK}`)
  clearbit.answers(() => ({ person: { name: { fullName: `Ann ${MARK}` } } }))
  await enrich(it.ctx, ann.id)
  await post(it, '/api/v1/auth/reset-password', { email: EMAIL })
  const reset = tokenIn(await waitForMail(it, EMAIL, 'password'))
  const again = { token: reset, password: `${SECRET}-new` }
  await post(it, '/api/v1/auth/reset-password/confirm', again)
  await post(it, '/api/v1/auth/reset-password/confirm', again)
  issued.push(ann.access_token, ann.refresh_token, access_token, refresh_token, reset)
}

/** Makes the database refuse what nothing expects it to, with all that it was given in its own words. */
async function breakDatabase(): Promise<void> {
  await sql`alter table users add constraint planted check (email_key not like ${sql.lit(`%${BROKEN}%`)}
    and coalesce(company, '') not like ${sql.lit(`%${BROKEN}%`)})`.execute(db)
  await sql`create function planted() returns trigger language plpgsql as $$
    begin perform new.user_agent::uuid; return new; end $$`.execute(db)
  await sql`create trigger planted before insert on sessions for each row
    when (new.user_agent like ${sql.lit(`%${BROKEN}%`)}) execute function planted()`.execute(db)
}

async function fail(): Promise<void> {
  const ann = await createAccount(it)
  const login = { email: ann.email, password: PASSWORD }
  const broken = [
    post(it, '/api/v1/auth/register', { email: `${BROKEN}@example.com`, password: SECRET }),
    send(it, {
      method: 'POST',
      url: '/api/v1/auth/register',
      payload: { email: `${BROKEN}@example.com`, password: SECRET },
      headers: { 'idempotency-key': MARK },
    }),
    send(it, {
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: login,
      headers: { 'user-agent': BROKEN },
    }),
    send(it, { method: 'PATCH', url: '/api/v1/users/me', payload: { company: BROKEN } }, ann),
  ]
  for (const answer of await Promise.all(broken)) expect(answer.statusCode).toBe(500)
  const bob = await createAccount(it)
  clearbit.answers(() => ({ company: { name: BROKEN } }))
  await it.ctx.jobs.enqueue(db, 'accounts.enrich', { user_id: bob.id })
  const failed = async () =>
    (
      await sql`select 1 from pgboss.job where name = 'accounts.enrich'
      and data->>'user_id' = ${bob.id} and output is not null`.execute(db)
    ).rows.length
  // The registration's own job may fail as well.
  await expect.poll(failed).toBeGreaterThan(0)
}

/** The rows of each table of the queue, of answers and of the audit trail. */
async function keptRows(): Promise<[string, string][]> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and (table_schema = 'pgboss'
      or table_name in ('idempotency_keys', 'audit_events'))`.execute(db)
  const found: [string, string][] = []
  for (const { schema, name } of rows) {
    const kept = await sql<{ row: string }>`
      select row::text from ${sql.table(`${schema}.${name}`)} as row`.execute(db)
    for (const { row } of kept.rows) found.push([name, row])
  }
  return found
}

/** The mark in any case, as it is or in base64, and every token that was given out. */
const secrets = () => [MARK, ...[0, 1, 2].map((at) => encoded(at)), ...issued]
const encoded = (offset: number) =>
  Buffer.from('x'.repeat(offset) + MARK)
    .toString('base64url')
    .slice(offset === 0 ? 0 : 4, -4)
const telling = (text: string) =>
  secrets().filter((secret) => text.toLowerCase().includes(secret.toLowerCase()))

test('no log line, metric, job, kept answer or audit row repeats an address, a password or a token', async () => {
  await live()
  const admin = await createAccount(it)
  await promote(it, admin)
  const user = await createAccount(it)
  issued.push(admin.access_token, user.access_token, user.refresh_token)
  const statuses = new Set<number>()
  for (const headers of [HEADERS, user.headers, admin.headers]) {
    for (const request of everyRequest()) {
      const all = { ...HEADERS, ...headers, ...request.headers }
      statuses.add((await send(it, { ...request, headers: all })).statusCode)
    }
  }
  for (const url of [`/${EMAIL}`, `/api/v1/${MARK}?${MARK}=${MARK}`, `/%zz${MARK}`, `//${MARK}`]) {
    statuses.add((await send(it, { method: 'GET', url, headers: HEADERS })).statusCode)
  }
  await breakDatabase()
  await fail()

  expect([...statuses]).toEqual(expect.arrayContaining([400, 401, 403, 404, 413, 422]))
  const lines = it.logged.map((line) => JSON.stringify(line))
  expect(lines.filter((line) => line.includes('request failed')).length).toBeGreaterThan(3)
  expect(lines.filter((line) => line.includes('answered')).length).toBeGreaterThan(100)
  expect(lines.filter((line) => telling(line).length > 0)).toEqual([])

  const metrics = (await get(it, '/metrics')).body
  expect(metrics).toContain('http_request_duration_seconds')
  expect(telling(metrics)).toEqual([])

  const rows = await keptRows()
  const tables = ['idempotency_keys', 'audit_events', 'schedule']
  expect([...new Set(rows.map(([name]) => name))]).toEqual(expect.arrayContaining(tables))
  expect(rows.filter(([, row]) => telling(row).length > 0)).toEqual([])
})

test('the search finds what it looks for', async () => {
  await listMails(it)
  const basic = Buffer.from(`ann:${SECRET}`).toString('base64')
  for (const leak of [EMAIL, SECRET.toUpperCase(), basic, `Bearer ${issued[0]}`]) {
    expect(telling(`{"msg":"${leak}"}`).length).toBeGreaterThan(0)
  }
  expect(telling('{"msg":"nothing"}')).toEqual([])
})
