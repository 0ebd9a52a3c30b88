import pg from 'pg'
import { foldCode, generateCode } from '../src/lib/code-text.ts'
import { newId } from '../src/lib/ids.ts'

export type Kind = 'nobody' | 'without a code' | 'blocked' | 'code expired' | 'code retired'

/** E-mail addresses of each kind; all that there are have the password of `model`. */
export async function insertPeople(databaseUrl: string, model: string, count: number) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const people = async (kind: Kind): Promise<string[]> => {
    const emails = Array.from({ length: count }, () => `${newId()}@example.com`)
    if (kind === 'nobody') return emails
    const ids = emails.map(() => newId())
    await client.query(
      `insert into users (id, email, email_key, password_hash, blocked_at)
      select unnest($1::uuid[]), unnest($2::text[]), unnest($2::text[]), password_hash, $4::timestamptz
      from users where email = $3`,
      [ids, emails, model, kind === 'blocked' ? new Date() : null],
    )
    if (kind.startsWith('code')) {
      const codes = emails.map(() => generateCode())
      await client.query(
        `insert into referral_codes (id, user_id, code, code_key, created_at, expiry_set_at, expires_at, retired_at)
        select unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::text[]), unnest($4::text[]),
          now() - interval '2 days', now() - interval '2 days', now() - interval '1 day',
          case when $5 then now() - interval '36 hours' end`,
        [emails.map(() => newId()), ids, codes, codes.map(foldCode), kind === 'code retired'],
      )
    }
    // As rows are a while later: the first reader of a new one does more, and without statistics plans change.
    await client.query('vacuum (freeze, analyze) users, referral_codes')
    return emails
  }
  return { people, close: () => client.end() }
}
