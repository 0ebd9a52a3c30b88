import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

interface Profile {
  name: string | null
  avatar_url: string | null
  company: string | null
}

const FIELDS = ['name', 'avatar_url', 'company'] as const

/** The address of somebody whose profile has a field to fill in; nobody who was erased. */
export function findUnenriched(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select('email_key')
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .where((where) =>
      where.or(
        FIELDS.map((field) =>
          where.and([where(field, 'is', null), sql<boolean>`${isFree(field)}`]),
        ),
      ),
    )
    .$narrowType<{ email_key: string }>()
    .executeTakeFirst()
}

/**
 * Fills in what is empty and was not emptied by the user; what is there stays, and nothing comes back to
 * somebody who was erased.
 */
export async function fillProfile(db: Db, id: string, found: Profile): Promise<void> {
  await db
    .updateTable('users')
    .set({
      name: filled('name', found.name),
      avatar_url: filled('avatar_url', found.avatar_url),
      company: filled('company', found.company),
    })
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .execute()
}

const isFree = (field: keyof Profile) => sql`not (${field} = any (profile_own))`

const filled = (field: keyof Profile, value: string | null) =>
  sql<string | null>`case when ${isFree(field)} then coalesce(${sql.ref(field)}, ${value})
    else ${sql.ref(field)} end`
