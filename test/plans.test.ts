import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { runCli } from '../src/cli/cli.fixture.ts'
import { preparedName } from '../src/db/hot.ts'
import { askEverything } from './plans.fixture.ts'
import { PASSWORD, startApp } from './support/app.ts'
import { whenDone } from './support/cleanup.ts'
import { cloneDatabase } from './support/database.ts'

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
  'Index Name'?: string
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

/** What of a plan costs more the more people there are: reading a table, or an index of it, from end to end. */
function growing(plan: Plan, limited = false): string[] {
  const bounded = limited || plan['Node Type'] === 'Limit'
  const found = (plan.Plans ?? []).flatMap((part) => growing(part, bounded))
  const table = plan['Relation Name'] ?? ''
  const kind = plan['Node Type']
  const whole = kind === 'Seq Scan' || (kind.startsWith('Index') && !plan['Index Cond'] && !limited)
  if (GROWING.test(table) && whole) found.push(`reads all of ${table}`)
  if (kind === 'Bitmap Index Scan' && !plan['Index Cond'])
    found.push(`reads all of ${plan['Index Name']}`)
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
  if (preparedName(text)) rows.push(await explainForAnybody(client, text, values.length))
  return [...new Set(rows.flatMap((row) => growing(row['QUERY PLAN'][0].Plan as Plan)))]
}

/** The plan that PostgreSQL may keep for a prepared statement, made without knowing the values. */
async function explainForAnybody(client: pg.Client, text: string, count: number) {
  const nulls = Array.from({ length: count }, () => 'null').join()
  await client.query('set plan_cache_mode = force_generic_plan')
  await client.query(`prepare planned as ${text}`)
  const { rows } = await client.query(`explain (format json) execute planned (${nulls})`)
  await client.query('deallocate planned; reset plan_cache_mode')
  return rows[0]
}

test('no statement reads a whole table or sorts more rows, the more people there are', async () => {
  const url = await cloneDatabase()
  const plan = ['--users', '20000', '--referrals-of-one', '500', '--password', PASSWORD]
  const seeded = await runCli(['seed', ...plan], { DATABASE_URL: url })
  const [referrer = '', admin = ''] = seeded.stdout.match(/[\w.+-]+@example\.com/g) ?? []
  const statements = recordStatements()
  const it = await startApp({ DATABASE_URL: url }, { worker: true })
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
