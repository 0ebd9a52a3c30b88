import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { SECOND } from '../lib/dates.ts'
import type { DB } from './schema.ts'

/** The database, or a transaction of it. */
export type Db = Kysely<DB>

const { builtins, getTypeParser } = pg.types
const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.INT8, Number], // counts and sequence numbers stay far below 2^53
  [builtins.DATE, String],
])
const types = {
  getTypeParser: ((oid: number, format: 'text') =>
    PARSERS.get(oid) ?? getTypeParser(oid, format)) as typeof getTypeParser,
}

export interface Database {
  db: Db
  url: string
  /** Connections: all, idle, and requests that wait for one. */
  pool(): { total: number; idle: number; waiting: number }
}

/**
 * One pool of connections to the server at `url`. A statement ends after 5 s, a wait for a lock after
 * 2 s, a wait for a connection after 2 s.
 */
export function connect(url: string, options: { max?: number } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 2 * SECOND,
    idleTimeoutMillis: 60 * SECOND,
    statement_timeout: 5 * SECOND,
    lock_timeout: 2 * SECOND,
    idle_in_transaction_session_timeout: 10 * SECOND,
    application_name: 'invitree',
    types,
  })
  // Without handlers a connection that dies, idle or in use, would end the process; whoever waits for
  // its answer is told all the same, and the pool replaces it.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    db: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    url,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  }
}

/** Answers when the database does; throws what it throws. */
export async function ping(db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select 1'))
}

/** The clock that decides what is valid. */
export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  return rows[0]!.now
}
