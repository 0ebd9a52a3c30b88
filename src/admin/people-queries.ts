import { type RawBuilder, sql } from 'kysely'

/** A pattern for `like` that finds this text anywhere, whatever signs are in it. */
export const anywhere = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`

/** The ids of people who have this text in their e-mail address or username, in any case. */
export function peopleNamed(text: string): RawBuilder<string> {
  const pattern = anywhere(text.trim().normalize('NFKC').toLowerCase())
  return sql<string>`
    (select id from users where email_key like ${pattern} or username_key like ${pattern})`
}
