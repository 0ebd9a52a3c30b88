import type { Readable } from 'node:stream'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { findAppliedMigrations } from './migrate.ts'

export interface Table {
  /** With its schema, where that is not `public`. */
  name: string
  columns: string[]
  rows: number
}

/** All that an installation keeps in its database, as of one moment; a database or a backup of it. */
export interface Source {
  migrations: string[]
  /** A table comes after those that it refers to. */
  tables: Table[]
  /** The numbers of registration given so far: none is given twice, in the copy neither. */
  lastSeq: number
  /** The rows of a table as text of COPY. Read to its end before the next is asked for. */
  read(table: Table): Readable
  close(): Promise<void>
}

const JOBS = 'pgboss.job'

/** Everything in the database at `url` as of now, whatever is written meanwhile. */
export async function openSnapshot(url: string): Promise<Source> {
  const client = await connectForCopy(url, 'invitree backup')
  try {
    const migrations = await findAppliedMigrations(client)
    await client.query('begin isolation level repeatable read read only')
    return {
      migrations,
      tables: await listTables(client),
      lastSeq: await findLastSeq(client),
      read: (table) => client.query(copyTo(`copy (${selectAll(table)}) to stdout`)),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

/** A connection without the bounds of the service's own; dates are written so that any server reads them. */
export async function connectForCopy(url: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    application_name: name,
  })
  client.on('error', () => {}) // what runs at that moment fails with it
  await client.connect()
  await client.query("set timezone = 'UTC'; set datestyle = 'ISO'")
  return client
}

async function listTables(client: pg.Client): Promise<Table[]> {
  const tables = inOrder(await findColumns(client), await findReferences(client))
  for (const table of tables) {
    const counted = await client.query(
      `select count(*) as rows from (${selectAll(table)}) as all_of_it`,
    )
    table.rows = Number(counted.rows[0].rows)
  }
  return tables
}

// What is generated is made anew.
async function findColumns(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select case table_schema when 'public' then '' else table_schema || '.' end || table_name as name,
      array_agg(column_name::text order by ordinal_position) as columns
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_type = 'BASE TABLE' and is_generated = 'NEVER'
      and (table_schema = 'public' and table_name <> 'migrations'
        or table_schema || '.' || table_name = '${JOBS}')
    group by 1 order by 1`)
  return rows.map((row) => ({ ...row, rows: 0 }))
}

async function findReferences(client: pg.Client): Promise<Map<string, Set<string>>> {
  const { rows } = await client.query<{ name: string; target: string }>(`
    select conrelid::regclass::text as name, confrelid::regclass::text as target
    from pg_constraint where contype = 'f' and conrelid <> confrelid`)
  const references = new Map<string, Set<string>>()
  for (const { name, target } of rows) {
    references.set(name, (references.get(name) ?? new Set()).add(target))
  }
  return references
}

function inOrder(tables: Table[], references: Map<string, Set<string>>): Table[] {
  const ordered: Table[] = []
  while (ordered.length < tables.length) {
    const waiting = tables.filter((table) => !ordered.includes(table))
    const names = new Set(waiting.map(({ name }) => name))
    const ready = waiting.filter(
      ({ name }) => ![...(references.get(name) ?? [])].some((target) => names.has(target)),
    )
    if (ready.length === 0) throw new Error('The tables refer to each other in a circle.')
    ordered.push(...ready)
  }
  return ordered
}

async function findLastSeq(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    'select last_value * is_called::int as seq from users_seq_seq',
  )
  return Number(rows[0].seq)
}

function selectAll({ name, columns }: Pick<Table, 'name' | 'columns'>): string {
  const undone = name === JOBS ? `where state in ('created', 'retry', 'active', 'failed')` : ''
  return `select ${quoted(columns)} from ${name} ${undone}`
}

export const quoted = (columns: string[]) => columns.map((column) => `"${column}"`).join(', ')
