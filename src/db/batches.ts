import { type SelectQueryBuilder, sql } from 'kysely'

const BATCH = 1000

/**
 * All rows of a list, the newest first, a thousand at a time. Each thousand is a statement of its own, found
 * by the last id of the one before: whoever reads slowly holds neither a connection nor a snapshot, and the
 * memory taken is that of one batch. What is added meanwhile is left out; nothing comes twice. Name each
 * table's column that holds the id: of one that is joined by it all rows before would be read again.
 */
export async function* inBatches<DB, Tables extends keyof DB, Row extends { id: string }>(
  query: SelectQueryBuilder<DB, Tables, Row>,
  idColumns: [string, ...string[]],
): AsyncGenerator<Row[], void> {
  const ids = idColumns.map((column) => sql.ref(column))
  const sorted = query.orderBy(ids[0]!, 'desc').limit(BATCH)
  let rows = (await sorted.execute()) as Row[]
  while (rows.length > 0) {
    yield rows
    if (rows.length < BATCH) return
    const last = rows.at(-1)!.id
    const after = ids.map((id) => sql`${id} < ${last}::uuid`)
    rows = await sorted.where(sql<boolean>`${sql.join(after, sql` and `)}`).execute()
  }
}
