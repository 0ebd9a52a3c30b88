import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { SECOND } from '../lib/dates.ts'
import { preparedName } from './hot.ts'
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
  /** For whoever needs a connection of its own. */
  url: string
  /** Connections: all, idle, and requests that wait for one. */
  pool(): { total: number; idle: number; waiting: number }
}

/**
 * One pool of connections to the server at `url`. A statement ends after 5 s, a wait for a lock after
 * 2 s, a wait for a connection after 2 s. Where `ownUrl` differs, `url` leads to a pooler of transactions,
 * and the two timeouts of statements are for the role's settings to say.
 */
export function connect(
  url: string,
  { max = 10, ownUrl = url }: { max?: number; ownUrl?: string } = {},
): Database {
  // What a session sets, and what it prepares, does not hold from one transaction to the next there.
  const pooler = ownUrl !== url
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 2 * SECOND,
    idleTimeoutMillis: 60 * SECOND,
    ...(!pooler && TIMEOUTS),
    application_name: 'invitree',
    types,
  })
  // Without handlers a connection that dies, idle or in use, would end the process; whoever waits for
  // its answer is told all the same, and the pool replaces it.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    if (!pooler) prepareHot(client)
  })
  return {
    db: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    url: ownUrl,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  }
}

const TIMEOUTS = {
  statement_timeout: 5 * SECOND,
  lock_timeout: 2 * SECOND,
  idle_in_transaction_session_timeout: 10 * SECOND,
}

// Kysely gives a text and its values, and knows no names.
function prepareHot(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown
  const named = (text: unknown, values: unknown, ...rest: unknown[]) => {
    const name = typeof text === 'string' ? preparedName(text) : undefined
    return name ? query({ name, text, values }, ...rest) : query(text, values, ...rest)
  }
  client.query = named as typeof client.query
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
