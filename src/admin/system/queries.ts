import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'

/** The migration that was applied last, and when. */
export async function findLastMigration(db: Db): Promise<{ name: string; applied_at: Date }> {
  const { rows } = await sql<{ name: string; applied_at: Date }>`
    select name, applied_at from migrations order by applied_at desc, name desc limit 1`.execute(db)
  return rows[0]!
}
