import pg from 'pg'
import { expect, test, vi } from 'vitest'
import openapi from '../openapi.json' with { type: 'json' }
import { runCli } from '../src/cli/cli.fixture.ts'
import { PASSWORD, post, send, startApp, type TestApp } from './support/app.ts'
import { whenDone } from './support/cleanup.ts'
import { cloneDatabase, dropDatabase } from './support/database.ts'

vi.setConfig({ testTimeout: 240_000 })

// What reads a whole table on purpose, in the background or at most once a minute, or is bounded by its own limit.
const MEANT = [
  /as codes_active/, // totals of the installation, kept for a minute
  /\bfrom \(select 1 as "one"|as counted/, // a list of everybody's is counted to a limit
  /as codes_expiring/, // the same for administrators
  /^\s*with recursive/, // a chain of referrers has few links; the planner does not know
  /^select count\(\*\) as "total" from "referrals"/, // a filter of one person's list is counted in that list
  /"status" = 'review'|"role" = 'admin'/, // the whole of an index that holds these alone
  /pgboss\./,
]
const GROWING =
  /^(users|sessions|referral_codes|referrals|clicks|email_tokens|audit_events|idempotency_keys|referral_totals|referral_days|code_totals)$/
const SORTED_MAX = 2000

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Cond'?: string
  'Plan Rows': number
  Plans?: Plan[]
}

interface Statement {
  text: string
  values: unknown[]
}

/** Every statement of this process with the values of its first use, until the test file is done. */
function recordStatements(): Map<string, Statement> {
  const statements = new Map<string, Statement>()
  const { query } = pg.Client.prototype
  const recording = function (this: pg.Client, ...given: unknown[]) {
    const [first, second] = given as [string | Statement, unknown[]?]
    const text = typeof first === 'string' ? first : first.text
    const values = typeof first === 'string' ? second : first.values
    if (Array.isArray(values) && !statements.has(text)) statements.set(text, { text, values })
    return (query as (...given: unknown[]) => unknown).apply(this, given)
  }
  pg.Client.prototype.query = recording as typeof query
  whenDone(() => void (pg.Client.prototype.query = query))
  return statements
}

async function askEverything(it: TestApp, emails: { referrer: string; admin: string }) {
  const signIn = async (email: string) => {
    const { access_token } = (
      await post(it, '/api/v1/auth/login', { email, password: PASSWORD })
    ).json()
    return { authorization: `Bearer ${access_token}` }
  }
  const [headers, adminHeaders] = [await signIn(emails.referrer), await signIn(emails.admin)]
  const me = (await send(it, { url: '/api/v1/users/me', headers })).json()
  const { code } = (await send(it, { url: '/api/v1/referrals/code', headers })).json()
  const friend = { email: 'planned@example.com', password: PASSWORD, referral_code: code }
  expect((await post(it, '/api/v1/auth/register', friend)).statusCode).toBe(201)
  const list = (await send(it, { url: '/api/v1/users/me/referrals?size=1', headers })).json()
  const named: Record<string, string> = {
    code,
    user_id: me.id,
    id: list.items[0].id,
    email: emails.referrer,
    q: 'anna',
    cursor: list.next_cursor,
    referrer_id: me.id,
    actor_id: me.id,
  }
  for (const [path, { get }] of Object.entries(openapi.paths as Record<string, { get?: Get }>)) {
    if (!get) continue
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? 'none')
    const inQuery = (get.parameters ?? []).filter((one) => one.in === 'query')
    const required = inQuery
      .filter(({ name }) => name === 'email')
      .map(({ name }) => `${name}=${named[name]}`)
    const variants = inQuery.flatMap(({ name, schema, example }) => {
      const value = named[name] ?? schema.enum?.[0] ?? schema.default ?? example ?? TIMES[name]
      return value === undefined ? [] : [`${name}=${encodeURIComponent(value as string | number)}`]
    })
    for (const query of [[], ...variants.map((one) => [one])]) {
      const asked = [...required.slice(query.length), ...query].join('&')
      for (const who of [headers, adminHeaders]) {
        await send(it, { url: `${url}?${asked}`, headers: who })
      }
    }
  }
  await change(it, headers)
}

const DAY_MS = 86_400_000
const TIMES: Record<string, string> = {
  created_from: new Date(Date.now() - DAY_MS).toISOString(),
  created_to: new Date().toISOString(),
}

interface Get {
  parameters?: {
    in: string
    name: string
    example?: unknown
    schema: { enum?: string[]; default?: unknown }
  }[]
}

async function change(it: TestApp, headers: { authorization: string }): Promise<void> {
  const { email, password } = { email: 'planned@example.com', password: PASSWORD }
  const tokens = (await post(it, '/api/v1/auth/login', { email, password })).json()
  await post(it, '/api/v1/auth/refresh', { refresh_token: tokens.refresh_token })
  await post(it, '/api/v1/auth/forgot-password', { email })
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  const url = '/api/v1/referrals/code'
  await send(it, { method: 'PATCH', url, headers, payload: { expires_at } })
  await send(it, { method: 'PUT', url, headers, payload: { expires_at } })
  await send(it, { method: 'DELETE', url, headers })
  const key = { ...headers, 'idempotency-key': 'of the test' }
  await send(it, { method: 'POST', url, headers: key, payload: { expires_at } })
}

/** What of a plan costs more the more people there are: reading a table, or an index of it, from end to end. */
function growing(plan: Plan, limited = false): string[] {
  const bounded = limited || plan['Node Type'] === 'Limit'
  const found = (plan.Plans ?? []).flatMap((part) => growing(part, bounded))
  const table = plan['Relation Name'] ?? ''
  const kind = plan['Node Type']
  const whole = kind === 'Seq Scan' || (kind.startsWith('Index') && !plan['Index Cond'] && !limited)
  if (GROWING.test(table) && whole) found.push(`reads all of ${table}`)
  if (kind === 'Sort' && plan['Plan Rows'] > SORTED_MAX)
    found.push(`sorts ${plan['Plan Rows']} rows`)
  return found
}

// A small table is best read as a whole: what is asked is whether there is an index for when it is large.
const AS_IF_LARGE = ['seqscan', 'hashjoin', 'mergejoin']
  .map((how) => `set enable_${how} = off`)
  .join('; ')

async function findGrowing(client: pg.Client, { text, values }: Statement): Promise<string[]> {
  const { rows } = await client.query(`explain (format json) ${text}`, values)
  return [...new Set(growing(rows[0]['QUERY PLAN'][0].Plan as Plan))]
}

test('no statement reads a whole table or sorts more rows, the more people there are', async () => {
  const url = await cloneDatabase()
  const plan = ['--users', '20000', '--referrals-of-one', '500', '--password', PASSWORD]
  const seeded = await runCli(['seed', ...plan], { DATABASE_URL: url })
  const [referrer = '', admin = ''] = seeded.stdout.match(/[\w.+-]+@example\.com/g) ?? []
  const statements = recordStatements()
  const it = await startApp({ DATABASE_URL: url })
  whenDone(() => dropDatabase(url))
  await askEverything(it, { referrer, admin })

  const client = new pg.Client(url)
  await client.connect()
  await client.query(AS_IF_LARGE)
  const explained = /^\s*(select|with|insert|update|delete)\b/i
  const wrong: string[] = []
  let count = 0
  for (const statement of statements.values()) {
    const { text } = statement
    if (!explained.test(text) || MEANT.some((meant) => meant.test(text))) continue
    count++
    const found = await findGrowing(client, statement)
    if (found.length > 0) wrong.push(`${found.join(', ')}: ${text}`)
  }
  const planted = { text: 'select id from users where company = $1', values: ['none'] }
  expect(await findGrowing(client, planted)).toEqual(['reads all of users'])
  await client.end()
  expect(count).toBeGreaterThan(100)
  expect(wrong).toEqual([])
})
