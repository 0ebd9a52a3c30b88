import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { AppError } from '../errors.ts'
import { HOUR } from '../lib/dates.ts'
import { newIdAt } from '../lib/ids.ts'
import type { Db } from './connect.ts'

export interface PageQuery {
  page: number
  size: number
  cursor?: string
}

export interface PageOf<Row> {
  items: Row[]
  total: number
  page: number
  size: number
  pages: number
  next_cursor: string | null
}

/**
 * Newest first, by number or by cursor. The cursor is the id of the last row shown, which works because
 * ids sort by time; it costs the same on every page, and it takes the place of the number.
 */
export async function pageOf<DB, Tables extends keyof DB, Row extends { id: string }>(
  query: SelectQueryBuilder<DB, Tables, Row>,
  idColumn: string,
  { page, size, cursor }: PageQuery,
  countAll: () => Promise<number>,
): Promise<PageOf<Row>> {
  const id = sql.ref(idColumn)
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const offset = after === undefined ? (page - 1) * size : 0
  const total = await countAll()
  // A page past the end would be looked for through every row.
  const rows =
    offset >= total
      ? []
      : await query
          .$if(after !== undefined, (q) => q.where(sql<boolean>`${id} < ${after}::uuid`))
          .orderBy(id, 'desc')
          .limit(size + 1)
          .offset(offset)
          .execute()
  return cutPage(rows as Row[], total, { page, size })
}

/** The page of rows that were read with one more than it shows, which says whether another page follows. */
export function cutPage<Row extends { id: string }>(
  rows: Row[],
  total: number,
  { page, size }: PageQuery,
): PageOf<Row> {
  const items = rows.slice(0, size)
  return {
    items,
    total,
    page,
    size,
    pages: Math.ceil(total / size),
    next_cursor: rows.length > size ? writeCursor(items.at(-1)!.id) : null,
  }
}

/** How far a list of everybody's is counted, and one that is looked through for a text. */
export const COUNTED_MAX = 10_000
export const COUNTED_IN_SEARCH_MAX = 1000

/** A page of a list that may be very long: it is counted so far, and costs no more beyond. */
export async function longPageOf<DB, Tables extends keyof DB, Row extends { id: string }>(
  db: Db,
  query: SelectQueryBuilder<DB, Tables, Row>,
  idColumn: string,
  { countMax = COUNTED_MAX, ...page }: PageQuery & { countMax?: number },
) {
  const counted = await pageOf(query, idColumn, page, () => countSome(db, query, countMax))
  return { ...counted, total_is_exact: counted.total < countMax }
}

async function countSome<DB, Tables extends keyof DB, Row>(
  db: Db,
  query: SelectQueryBuilder<DB, Tables, Row>,
  max: number,
): Promise<number> {
  const some = query
    .clearSelect()
    .select(sql`1`.as('one'))
    .limit(max)
  const { rows } = await sql<{ total: number }>`
    select count(*)::int8 as total from (${some}) as counted`.execute(db)
  return rows[0]!.total
}

/**
 * Rows made in a span of time, found by their ids, which sort by time. The clocks of the instances, which
 * make the ids, may be an hour from the database's, which decides.
 */
export function madeWithin(
  columns: { id: string; at: string },
  { from, to }: { from?: Date | undefined; to?: Date | undefined },
): RawBuilder<boolean> {
  const [id, at] = [sql.ref(columns.id), sql.ref(columns.at)]
  const since = from && sql`${at} >= ${from} and ${id} >= ${idAt(from.getTime() - HOUR)}::uuid`
  const until = to && sql`${at} < ${to} and ${id} <= ${idAt(to.getTime() + HOUR)}::uuid`
  return sql<boolean>`(${sql.join([since ?? sql`true`, until ?? sql`true`], sql` and `)})`
}

const idAt = (time: number) => newIdAt(Math.max(0, time))

/** The cursor that stands for an id. */
export const writeCursor = (id: string): string =>
  Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')

/** The id, without dashes, that a cursor stands for. */
export function readCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex')
  if (hex.length !== 32) throw new AppError('validation_failed', { pointer: '/query/cursor' })
  return hex
}
