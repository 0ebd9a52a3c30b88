import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { SetupError } from '../errors.ts'
import { findAppliedMigrations, migrate } from './migrate.ts'
import { connectForCopy, quoted, type Source, type Table } from './snapshot.ts'

/**
 * Puts everything of `source` into the database at `url`, which has nobody in it: all of it in one
 * transaction, or nothing. Then it is brought up to this version. Throws a SetupError that says what to
 * do when the database is in use, not empty or of another version, and when a row is missing.
 */
export async function load(
  url: string,
  source: Source,
  onRow: (rows: number) => void,
): Promise<void> {
  await migrate(url, source.migrations)
  const client = await connectForCopy(url, 'invitree restore')
  try {
    await requireFree(client)
    await requireSameVersion(client, source.migrations)
    await client.query('begin')
    await takeEmpty(client, source.tables)
    for (const table of source.tables) await copyTable(client, source, table, onRow)
    await client.query(`select setval('users_seq_seq', $1, true)`, [Math.max(source.lastSeq, 1)])
    await client.query('commit')
    await client.query('analyze')
  } finally {
    await client.end()
  }
  await migrate(url)
}

/** Throws a SetupError while the service, or another command of it, uses the database. */
export async function requireFree(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`
    select application_name as name from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and application_name like 'invitree%' limit 1`)
  if (rows.length === 0) return
  throw new SetupError(
    'Invitree runs on this database: stop every `serve` and `work` of it first, so that nothing is written meanwhile.',
  )
}

async function requireSameVersion(client: pg.Client, migrations: string[]): Promise<void> {
  const newer = (await findAppliedMigrations(client)).filter((name) => !migrations.includes(name))
  if (newer.length === 0) return
  throw new SetupError(
    `The tables here are newer than what is to be put into them (${newer.join(', ')}): take a new, empty database.`,
  )
}

// The triggers that count, and those that refuse, have had their say when the rows were first written.
async function takeEmpty(client: pg.Client, tables: Table[]): Promise<void> {
  const names = tables.map(({ name }) => name)
  await client.query(`lock table ${names.join(', ')} in access exclusive mode nowait`)
  const { rows } = await client.query('select exists (select from users) as taken')
  if (rows[0].taken) {
    throw new SetupError('There are people in this database already: take a new, empty one.')
  }
  for (const name of names) await client.query(`alter table ${name} disable trigger user`)
  await client.query(`truncate ${names.join(', ')}`)
}

async function copyTable(
  client: pg.Client,
  source: Source,
  table: Table,
  onRow: (rows: number) => void,
): Promise<void> {
  const { name, columns, rows } = table
  const into = client.query(copyFrom(`copy ${name} (${quoted(columns)}) from stdin`))
  await pipeline(source.read(table), countingRows(onRow), into)
  await client.query(`alter table ${name} enable trigger user`)
  if (into.rowCount !== rows) {
    throw new SetupError(`Of ${rows} rows of ${name} ${into.rowCount} came: nothing was changed.`)
  }
}

// In the text of COPY each row is one line: a line feed inside a value is written as \n.
function countingRows(onRow: (rows: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let rows = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows++
      onRow(rows)
      done(null, chunk)
    },
  })
}
