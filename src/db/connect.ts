import type { Socket } from 'node:net'
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { SECOND } from '../lib/dates.ts'
import { NoAnswer } from './failures.ts'
import { preparedName } from './hot.ts'
import type { DB } from './schema.ts'

/** The database, or a transaction of it. */
export type Db = Kysely<DB>

const { builtins, getTypeParser } = pg.types
const parseAnyTime = getTypeParser(builtins.TIMESTAMPTZ, 'text')
const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.INT8, Number], // counts and sequence numbers stay far below 2^53
  [builtins.DATE, String],
  // V8 reads it in half the time, 50 to 100 times a list, but not the years before 100, or offsets with seconds.
  [builtins.TIMESTAMPTZ, (text) => (text.startsWith('2') ? new Date(text) : parseAnyTime(text))],
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

interface Options {
  max?: number
  ownUrl?: string
  /** Only in tests, in place of each timeout: a busy machine reaches none of them. */
  patienceMs?: number | undefined
}

/**
 * One pool of connections to the server at `url`. A statement ends after 5 s, a wait for a lock after
 * 2 s, a wait for a connection after 2 s; a connection that owes an answer for longer than its statement may
 * take is ended. Where `ownUrl` differs, `url` leads to a pooler of transactions, and the two timeouts of
 * statements are for the role's settings to say.
 */
export function connect(
  url: string,
  { max = 10, ownUrl = url, patienceMs }: Options = {},
): Database {
  // What a session sets, and what it prepares, does not hold from one transaction to the next there.
  const pooler = ownUrl !== url
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: patienceMs ?? 2 * SECOND,
    idleTimeoutMillis: 60 * SECOND,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
    ...(!pooler && timeouts(patienceMs)),
    application_name: 'invitree',
    types,
  })
  // Without handlers a connection that dies, idle or in use, would end the process; whoever waits for
  // its answer is told all the same, and the pool replaces it.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    endWhenSilent(client, patienceMs ?? STATEMENT_MS)
    if (!pooler) prepareHot(client)
  })
  return {
    db: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    url: ownUrl,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  }
}

const STATEMENT_MS = 5 * SECOND

const timeouts = (patienceMs?: number) => ({
  statement_timeout: patienceMs ?? STATEMENT_MS,
  lock_timeout: patienceMs ?? 2 * SECOND,
  idle_in_transaction_session_timeout: patienceMs ?? 10 * SECOND,
})

const GRACE_MS = SECOND
const LONGER = /^set local statement_timeout = (\d+)$/
const TRANSACTION_ENDS = /^(?:commit|rollback)$/

// As pg takes a query; what answers is called once, later.
type Ask = (
  query: unknown,
  values: unknown,
  answer: (error: Error | undefined, result: pg.QueryResult) => void,
) => void

// A server that is cut off without a word never ends a statement: its bound has to be kept here too. Answers are
// taken by callback: pg's own promises let rows outlive their request, and V8 collects garbage ten times as often.
function endWhenSilent(client: pg.ClientBase, statementMs: number): void {
  const ask = client.query.bind(client) as Ask
  let allowedMs = statementMs
  const bounded = (text: unknown, values: unknown) =>
    new Promise((resolve, reject) => {
      ask(text, values, (error, result) => {
        clearTimeout(timer)
        if (TRANSACTION_ENDS.test(String(text))) allowedMs = statementMs
        else allowedMs = Number(LONGER.exec(String(text))?.[1] ?? allowedMs)
        if (error) reject(error)
        else resolve(result)
      })
      const timer = setTimeout(() => lineOf(client).destroy(new NoAnswer()), allowedMs + GRACE_MS)
    })
  client.query = bounded as typeof client.query
}

// Ended by its line, whatever waits on the client fails at once and the pool replaces it.
const lineOf = (client: pg.ClientBase) =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream

// Kysely gives a text and its values, and knows no names.
function prepareHot(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (query: unknown, values?: unknown) => unknown
  const named = (text: string, values: unknown) => {
    const name = preparedName(text)
    return name ? query({ name, text, values }) : query(text, values)
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
