import { type RawBuilder, sql } from 'kysely'
import { MINUTE } from '../lib/dates.ts'
import type { Db } from './connect.ts'

export interface Invariant {
  /** As numbered in ARCHITECTURE.md. */
  id: string
  rule: string
  /** The constraints, indexes and triggers that keep it, by their names in the migrations. */
  keptBy: string[]
  /** What breaks the rule: one row each, with a `subject` to find it by. */
  broken: RawBuilder<{ subject: string }>
}

export interface Violation {
  id: string
  rule: string
  found: number
  /** At most three of what was found. */
  examples: string[]
}

/** What holds at every moment, whatever requests run at once. */
export const INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    rule: 'a user has at most one unretired code',
    keptBy: ['referral_codes_active_code_exists'],
    broken: sql`
      select user_id as subject from referral_codes where retired_at is null
      group by user_id having count(*) > 1`,
  },
  {
    id: 'I2',
    rule: "a code's text is given out once, look-alikes folded",
    keptBy: ['referral_codes_code_taken'],
    broken: sql`
      select code_key as subject from referral_codes
      where code_key <> translate(upper(code), 'OIL', '011')
      union all
      select translate(upper(code), 'OIL', '011') from referral_codes
      group by 1 having count(*) > 1`,
  },
  {
    id: 'I3',
    rule: 'a code expires after its creation and within the maximum',
    keptBy: [
      'referral_codes_expiry_in_future',
      'referral_codes_expiry_within_maximum',
      'referral_codes_set_after_creation',
      'referral_codes_retired_after_creation',
    ],
    broken: sql`
      select code as subject from referral_codes
      where expires_at is null or expires_at <= expiry_set_at or expiry_set_at < created_at
        or expires_at > expiry_set_at + interval '3660 days' or retired_at < created_at`,
  },
  {
    id: 'I4',
    rule: 'a user is referred once, at registration, by somebody who was there before',
    keptBy: [
      'referrals_pkey',
      'referrals_no_cycle',
      'referrals_user_id_user_seq_fkey',
      'referrals_referrer_id_referrer_seq_fkey',
    ],
    // Numbers that only ever get smaller from referred to referrer come to no circle.
    broken: sql`
      select r.user_id as subject from referrals r
      join users u on u.id = r.user_id join users f on f.id = r.referrer_id
      where f.seq >= u.seq or r.user_seq <> u.seq or r.referrer_seq <> f.seq
        or r.attributed_at not between u.created_at - interval '1 minute'
          and u.created_at + interval '1 minute'
      union all
      select user_id from referrals group by user_id having count(*) > 1`,
  },
  {
    id: 'I5',
    rule: 'no referral lies before its code or at or after its expiry',
    keptBy: ['referrals_before_expiry'],
    broken: sql`
      select r.user_id as subject from referrals r join referral_codes c on c.id = r.code_id
      where r.attributed_at >= r.code_expires_at or r.attributed_at < c.created_at`,
  },
  {
    id: 'I6',
    rule: 'no referral lies at or after the retirement of its code, or the block of its owner',
    keptBy: ['referrals_of_unblocked'],
    broken: sql`
      select r.user_id as subject from referrals r join referral_codes c on c.id = r.code_id
      where r.attributed_at >= c.retired_at
      union all
      select r.user_id from referrals r join users u on u.id = r.referrer_id
      where r.attributed_at >= u.blocked_at`,
  },
  {
    id: 'I7',
    rule: 'account, code and referral are there together',
    keptBy: ['referrals_code_id_referrer_id_fkey', 'referrals_confirmed_whole'],
    broken: sql`
      select r.user_id as subject from referrals r
      left join users u on u.id = r.user_id left join users f on f.id = r.referrer_id
      left join referral_codes c on c.id = r.code_id and c.user_id = r.referrer_id
      where u.id is null or f.id is null or c.id is null
        or (r.status = 'confirmed') <> (r.confirmed_at is not null)`,
  },
  {
    id: 'I8',
    rule: 'counts equal the rows counted',
    keptBy: [
      'referrals_count_registrations',
      'referrals_count_changes',
      'referrals_status_moves',
      'referrals_reason_given',
      'clicks_count',
      'clicks_on_their_day',
    ],
    // What is kept less what is counted comes to nothing. Clicks are kept until the end of the next day: from
    // yesterday on they are counted, before that the figures have to agree with each other.
    broken: sql`
      with events as (
        select referrer_id, code_id, attributed_at as at, (status <> 'refused')::int as registered,
          0 as confirmed, (status = 'review')::int as review, (status = 'refused')::int as refused
        from referrals
        union all
        select referrer_id, code_id, confirmed_at, 0, 1, 0, 0 from referrals
          where confirmed_at is not null
      )
      select 'referral_totals ' || referrer_id as subject from (
        select referrer_id, registrations, confirmed, review, refused from referral_totals
        union all
        select referrer_id, -registered, -confirmed, -review, -refused from events
      ) as totals group by referrer_id
      having (sum(registrations), sum(confirmed), sum(review), sum(refused)) <> (0, 0, 0, 0)
      union all
      select 'figures ' || referrer_id || ' ' || code_id || ' ' || at from (
        select referrer_id, code_id, at, registrations, confirmed from figures
        union all
        select referrer_id, code_id, quarter_hour(at), -registered, -confirmed from events
      ) as quarters group by referrer_id, code_id, at
      having (sum(registrations), sum(confirmed)) <> (0, 0)
      union all
      select 'overall_figures ' || at from (
        select at, registrations, confirmed from overall_figures
        union all
        select quarter_hour(at), -registered, -confirmed from events
      ) as quarters group by at
      having (sum(registrations), sum(confirmed)) <> (0, 0)
      union all
      select 'code_totals ' || code_id from (
        select code_id, registrations from code_totals
        union all
        select code_id, -registered from events
      ) as codes group by code_id having sum(registrations) <> 0
      union all
      select 'clicks ' || code_id || ' ' || at from (
        select code_id, at, clicks from figures
        where at >= (((now() at time zone 'UTC')::date - 1)::timestamp at time zone 'UTC')
        union all
        select code_id, quarter_hour(at), -1 from clicks
        where day >= (now() at time zone 'UTC')::date - 1
      ) as recent group by code_id, at having sum(clicks) <> 0
      union all
      select 'clicks of code ' || code_id from (
        select code_id, clicks from code_totals
        union all
        select code_id, -clicks from figures
      ) as sums group by code_id having sum(clicks) <> 0
      union all
      select 'clicks of referrer ' || referrer_id from (
        select referrer_id, clicks from referral_totals
        union all
        select referrer_id, -clicks from figures
      ) as sums group by referrer_id having sum(clicks) <> 0
      union all
      select 'clicks at ' || at from (
        select at, clicks from overall_figures
        union all
        select at, -clicks from figures
      ) as sums group by at having sum(clicks) <> 0`,
  },
  {
    id: 'I9',
    rule: 'a refresh token counts up and ends within 30 days, one mailed link is open for a purpose',
    keptBy: ['sessions_counter_check', 'sessions_absolute', 'email_tokens_one_open'],
    broken: sql`
      select id as subject from sessions
      where counter < 0 or expires_at > created_at + interval '30 days'
      union all
      select user_id from email_tokens where used_at is null
      group by user_id, purpose having count(*) > 1`,
  },
  {
    id: 'I10',
    rule: 'nobody who is blocked or erased is signed in',
    keptBy: [],
    broken: sql`
      select s.id as subject from sessions s join users u on u.id = s.user_id
      where s.revoked_at is null and (u.blocked_at is not null or u.erased_at is not null)`,
  },
  {
    id: 'I11',
    rule: 'an idempotency key has one answer',
    keptBy: ['idempotency_keys_pkey', 'idempotency_keys_answered'],
    broken: sql`
      select id as subject from idempotency_keys group by id
      having count(*) > 1 or min(octet_length(answer_encrypted)) <= 28`,
  },
  {
    id: 'I12',
    rule: 'nothing personal is left of an erased user',
    keptBy: [
      'users_live_or_erased',
      'users_email_whole',
      'users_username_whole',
      'users_profile_erased',
      'users_blocked_reason_of_block',
    ],
    broken: sql`
      select id as subject from users where erased_at is not null
        and num_nonnulls(email, email_key, username, username_key, password_hash,
          email_verified_at, name, avatar_url, company, blocked_reason) > 0
      union all
      select s.user_id from sessions s join users u on u.id = s.user_id
      where u.erased_at is not null and (s.user_agent <> '' or s.client_id <> '')
      union all
      select k.user_id from idempotency_keys k join users u on u.id = k.user_id
      where u.erased_at is not null
      union all
      select t.user_id from email_tokens t join users u on u.id = t.user_id
      where u.erased_at is not null and t.used_at is null
      union all
      select v.user_id from user_visitors v join users u on u.id = v.user_id
      where u.erased_at is not null
      union all
      select o.user_id from referral_touches o join users u on u.id = o.user_id
      where u.erased_at is not null and o.rule is null`,
  },
  {
    id: 'I14',
    rule: 'the tree counts at everybody who came below them',
    keptBy: ['referrals_grow_tree', 'referral_tree_of_some'],
    // At each node what is counted of its children, so that each referral is looked at once.
    broken: sql`
      with children as (
        select r.referrer_id as user_id, r.user_id as child,
          (uncounted.user_id is null)::int as counted
        from referrals r left join referral_tree_uncounted uncounted on uncounted.user_id = r.user_id
      ), counts as (
        select children.user_id, sum(counted) as direct,
          sum(counted + coalesce(tree.total, 0)) as total
        from children left join referral_tree tree on tree.user_id = child
        group by children.user_id
      )
      select coalesce(counts.user_id, tree.user_id) as subject
      from counts full join referral_tree tree on tree.user_id = counts.user_id
      where (tree.direct, tree.total) is distinct from (counts.direct, counts.total)
        or tree.is_root = exists (select from referrals r where r.user_id = tree.user_id)`,
  },
]

const PATIENCE_MS = 2 * MINUTE

/** Every invariant that does not hold; changes nothing. */
export async function findViolations(db: Db): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const invariant of INVARIANTS) violations.push(await inspect(db, invariant))
  return violations.filter(({ found }) => found > 0)
}

/** What breaks one invariant, seen in one snapshot; a million referrals take seconds, at most minutes. */
export async function inspect(
  db: Db,
  { id, rule, broken }: Invariant,
  patienceMs = PATIENCE_MS,
): Promise<Violation> {
  return db
    .transaction()
    .setAccessMode('read only')
    .execute(async (db) => {
      await sql`set local statement_timeout = ${sql.lit(patienceMs)}`.execute(db)
      await sql`set local work_mem = '64MB'`.execute(db)
      const { rows } = await sql<{ found: number; examples: string[] | null }>`
        select count(*) as found, (array_agg(subject::text order by subject))[1:3] as examples
        from (${broken}) as broken`.execute(db)
      const { found, examples } = rows[0]!
      return { id, rule, found, examples: examples ?? [] }
    })
}
