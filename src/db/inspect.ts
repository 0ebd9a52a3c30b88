import { sql } from 'kysely'
import { type Db, databaseNow } from './connect.ts'

export const OLDEST_POSTGRES = 15

export interface Server {
  version: string
  major: number
  /** The quickest of a few answers. */
  answerMs: number
  /** By how much the clock of this machine is ahead of the database's. */
  aheadMs: number
}

const ASKED = 5

/** What the server at the other end is, how fast it answers, and what its clock says. */
export async function inspectServer(db: Db): Promise<Server> {
  const { rows } = await sql<{ version: string; major: number }>`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int / 10000 as major`.execute(db)
  let best = { answerMs: Infinity, aheadMs: 0 }
  for (let asked = 0; asked < ASKED; asked++) {
    const [wall, monotonic] = [Date.now(), performance.now()]
    const theirs = (await databaseNow(db)).getTime()
    const answerMs = performance.now() - monotonic
    if (answerMs < best.answerMs) best = { answerMs, aheadMs: wall + answerMs / 2 - theirs }
  }
  return { ...rows[0]!, ...best }
}

/** Which of these constraints, indexes and triggers are missing, not validated or switched off. */
export async function findUnkept(db: Db, names: string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${names}::text[]) as name
    where name not in (
      select conname from pg_constraint
        where connamespace = current_schema::regnamespace and convalidated
      union all
      select relname from pg_index join pg_class on pg_class.oid = indexrelid
        where relnamespace = current_schema::regnamespace and indisvalid
      union all
      select tgname from pg_trigger join pg_class on pg_class.oid = tgrelid
        where relnamespace = current_schema::regnamespace and tgenabled in ('O', 'A'))`.execute(db)
  return rows.map((row) => row.name)
}
