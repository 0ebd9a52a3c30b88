import { type SelectQueryBuilder, sql } from 'kysely'
import { AppError } from '../errors.ts'

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
  const items = rows.slice(0, size) as Row[]
  return {
    items,
    total,
    page,
    size,
    pages: Math.ceil(total / size),
    next_cursor: rows.length > size ? writeCursor(items.at(-1)!.id) : null,
  }
}

const writeCursor = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')

function readCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex')
  if (hex.length !== 32) throw new AppError('validation_failed', { pointer: '/query/cursor' })
  return hex
}
