import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { SetupError } from '../errors.ts'
import { brokenConstraint } from './failures.ts'
import { LOCKS } from './locks.ts'

const COLUMNS = {
  users: [
    'id',
    'seq',
    'email',
    'email_key',
    'username',
    'username_key',
    'password_hash',
    'role',
    'locale',
    'email_verified_at',
    'created_at',
  ],
  referral_codes: [
    'id',
    'user_id',
    'code',
    'code_key',
    'created_at',
    'expires_at',
    'expiry_set_at',
    'retired_at',
  ],
  referrals: [
    'user_id',
    'user_seq',
    'referrer_id',
    'referrer_seq',
    'code_id',
    'code_expires_at',
    'attributed_at',
    'status',
    'confirmed_at',
  ],
} as const

type Table = keyof typeof COLUMNS
type Value = string | number | Date | null
export type Row<Name extends Table> = Record<(typeof COLUMNS)[Name][number], Value>
export type Batch = { [Name in Table]: Row<Name>[] }

export interface Seeding {
  people: number
  now: Date
  /** Numbers of registration that nobody else will get, in rising order. */
  reserve(count: number): Promise<number[]>
  /** All of a batch or nothing of it. */
  insert(batch: Batch): Promise<void>
  /** Tells the planner of queries how much there is now. */
  analyze(): Promise<void>
  close(): Promise<void>
}

/** Adds many rows by COPY; constraints and counts hold as ever. One at a time, or a SetupError. */
export async function openSeeding(url: string): Promise<Seeding> {
  const client = new pg.Client({ connectionString: url, application_name: 'invitree seed' })
  client.on('error', () => {}) // what runs at that moment fails with it
  await client.connect()
  const { rows } = await client.query<{ free: boolean; people: string; now: Date }>(
    `select pg_try_advisory_lock(${LOCKS.seed}) as free, (select count(*) from users) as people,
      clock_timestamp() as now`,
  )
  const { free, people, now } = rows[0]!
  if (!free) {
    await client.end()
    throw new SetupError('Another `invitree seed` is under way: wait for its end.')
  }
  return {
    people: Number(people),
    now,
    reserve: (count) => reserve(client, count),
    insert: (batch) => insert(client, batch),
    analyze: async () => void (await client.query(`analyze ${COUNTED.join(', ')}`)),
    close: () => client.end(),
  }
}

const TABLES = ['users', 'referral_codes', 'referrals'] as const
const COUNTED = [...TABLES, 'referral_totals', 'figures', 'overall_figures', 'code_totals']

async function reserve(client: pg.Client, count: number): Promise<number[]> {
  const { rows } = await client.query<{ seq: string }>(
    `select nextval(pg_get_serial_sequence('users', 'seq')) as seq from generate_series(1, $1)`,
    [count],
  )
  return rows.map((row) => Number(row.seq))
}

async function insert(client: pg.Client, batch: Batch): Promise<void> {
  await client.query('begin')
  try {
    for (const table of TABLES) await copy(client, table, batch[table])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    const constraint = brokenConstraint(error)
    if (!constraint) throw error
    throw new SetupError(
      `The next demo people do not fit to what is there (${constraint}); nothing of them was added. ` +
        'Run it again: it goes on with others.',
      { cause: error },
    )
  }
}

async function copy(client: pg.Client, table: Table, rows: Record<string, Value>[]): Promise<void> {
  if (rows.length === 0) return
  const columns = COLUMNS[table]
  const lines = rows.map((row) => `${columns.map((column) => field(row[column])).join('\t')}\n`)
  const stream = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
  await pipeline(Readable.from([lines.join('')]), stream)
}

function field(value: Value | undefined): string {
  if (value === null || value === undefined) return '\\N'
  if (value instanceof Date) return value.toISOString()
  return String(value).replaceAll(/[\\\t\n\r]/g, (sign) => `\\${ESCAPES[sign]}`)
}

const ESCAPES: Record<string, string> = { '\\': '\\', '\t': 't', '\n': 'n', '\r': 'r' }
