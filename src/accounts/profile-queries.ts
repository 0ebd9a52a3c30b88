import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

interface Profile {
  name: string | null
  avatar_url: string | null
  company: string | null
}

/** The address of somebody whose profile has an empty field; nobody who was erased. */
export function findUnenriched(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select('email_key')
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .where((where) =>
      where.or(
        (['name', 'avatar_url', 'company'] as const).map((column) => where(column, 'is', null)),
      ),
    )
    .$narrowType<{ email_key: string }>()
    .executeTakeFirst()
}

/** Fills in what is empty; what is there stays, and nothing comes back to somebody who was erased. */
export async function fillProfile(db: Db, id: string, found: Profile): Promise<void> {
  await db
    .updateTable('users')
    .set({
      name: sql`coalesce(name, ${found.name})`,
      avatar_url: sql`coalesce(avatar_url, ${found.avatar_url})`,
      company: sql`coalesce(company, ${found.company})`,
    })
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .execute()
}
