import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { SetupError } from '../errors.ts'
import { LOCKS } from './locks.ts'

const FOLDER = join(import.meta.dirname, '../../migrations')

export interface MigrationState {
  applied: string[]
  pending: string[]
  unknown: string[]
}

/**
 * Applies the numbered SQL files that are missing, each in a transaction, under an advisory lock: of
 * several instances that start at once one does it and the others wait. With `only`, no others than
 * these. Throws a SetupError when the database is newer than the code.
 */
export async function migrate(url: string, only?: string[]): Promise<string[]> {
  return withClient(url, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCKS.migrate])
    const { pending, unknown } = await stateOf(client)
    if (unknown.length > 0) throw new SetupError(tooNew(unknown))
    const wanted = pending.filter((name) => only?.includes(name) ?? true)
    for (const name of wanted) await apply(client, name)
    return wanted
  })
}

/** What is applied, what is missing, and what this version does not know; changes nothing. */
export function migrationState(url: string): Promise<MigrationState> {
  return withClient(url, stateOf)
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The names of the migrations that a database has seen, in order; none for a new one. */
export async function findAppliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows: found } = await client.query("select to_regclass('migrations') as found")
  if (!found[0].found) return []
  const { rows } = await client.query<{ name: string }>('select name from migrations order by name')
  return rows.map((row) => row.name)
}

async function stateOf(client: pg.Client): Promise<MigrationState> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).toSorted()
  const applied = await findAppliedMigrations(client)
  return {
    applied,
    pending: files.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !files.includes(name)),
  }
}

async function apply(client: pg.Client, name: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`create table if not exists migrations (
      name text primary key, applied_at timestamptz not null default clock_timestamp())`)
    await client.query(await readFile(join(FOLDER, name), 'utf8'))
    await client.query('insert into migrations (name) values ($1)', [name])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}

const tooNew = (unknown: string[]) =>
  `The database is newer than this version of Invitree: it has ${unknown.join(', ')}. ` +
  'Start the newer version, or restore a backup made by this one.'
