import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { Static } from 'typebox'
import type { ReasonName, Status } from '../referrals/schemas.ts'
import type { Click } from './click-queue.ts'

/** Writes clicks and says how many of them were new; in order, so that no two instances wait for each other. */
export async function insertClicks(db: Db, clicks: Click[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    insert into clicks (day, code_id, visitor, at)
    select (at at time zone 'UTC')::date, code_id, decode(visitor, 'hex'), at
    from unnest(
      ${listOf(clicks.map((click) => click.code_id))}::uuid[],
      ${listOf(clicks.map((click) => click.visitor))}::text[],
      ${listOf(clicks.map((click) => new Date(click.at).toISOString()))}::timestamptz[]
    ) as given (code_id, visitor, at)
    order by 1, 2, 3, 4
    on conflict do nothing`.execute(db)
  return Number(numAffectedRows)
}

// An array of what needs no quotation marks: the driver looks at each value whether it does.
const listOf = (plain: string[]) => `{${plain.join()}}`

const DELETED_AT_ONCE = 5000

/** Clicks of the days before yesterday (UTC), which can no longer be repeated. */
export async function deleteOldClicks(db: Db): Promise<{ deleted: number; done: boolean }> {
  const { numAffectedRows = 0n } = await sql`
    delete from clicks where ctid = any (array(
      select ctid from clicks where day < (statement_timestamp() at time zone 'UTC')::date - 1
      limit ${DELETED_AT_ONCE} for update skip locked
    ))`.execute(db)
  const deleted = Number(numAffectedRows)
  return { deleted, done: deleted < DELETED_AT_ONCE }
}

interface KeptTouch {
  code_key: string
  at: Date
  rule: 'explicit_code' | 'first_touch' | null
}

/** Keeps the touches of a new referral in their order. */
export async function insertTouches(db: Db, userId: string, touches: KeptTouch[]): Promise<void> {
  await sql`
    insert into referral_touches (user_id, position, code_id, at, rule)
    select ${userId}, position, c.id, given.at, given.rule
    from unnest(
      ${touches.map((touch) => touch.code_key)}::text[],
      ${touches.map((touch) => touch.at.toISOString())}::timestamptz[],
      ${touches.map((touch) => touch.rule)}::text[]
    ) with ordinality as given (code_key, at, rule, position)
    join referral_codes c on c.code_key = given.code_key`.execute(db)
}

/** A referral as its explanation tells it. */
export function findReferral(db: Db, userId: string) {
  return db
    .selectFrom('referrals')
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .select([
      'referrals.user_id',
      'referrer_id',
      'code',
      'status',
      'reason',
      'attributed_at as created_at',
      'confirmed_at',
      'decided_at',
    ])
    .where('referrals.user_id', '=', userId)
    .$narrowType<{ status: Static<typeof Status>; reason: ReasonName | null }>()
    .executeTakeFirst()
}

/** The links that a referred user had opened, in their order. */
export function listTouches(db: Db, userId: string) {
  return db
    .selectFrom('referral_touches')
    .innerJoin('referral_codes', 'referral_codes.id', 'referral_touches.code_id')
    .select(['code', 'referral_codes.user_id as owner_id', 'at', 'rule'])
    .where('referral_touches.user_id', '=', userId)
    .orderBy('position')
    .$narrowType<{ rule: 'explicit_code' | 'first_touch' | null }>()
    .execute()
}

const VISITORS_MAX = 20

/** Notes that a user signed in with a browser; the ones not seen for longest make room. */
export async function linkVisitor(db: Db, userId: string, visitor: string): Promise<void> {
  await sql`
    with forgotten as (
      delete from user_visitors where (user_id, visitor) in (
        select user_id, visitor from user_visitors
        where user_id = ${userId} and visitor <> decode(${visitor}, 'hex')
        order by linked_at desc offset ${VISITORS_MAX - 1}
      )
    ), person as (
      -- Waits for an erasure, and is nobody after it.
      select id from users where id = ${userId} and erased_at is null for key share
    )
    insert into user_visitors (user_id, visitor)
    select id, decode(${visitor}, 'hex') from person
    on conflict (user_id, visitor) do update set linked_at = clock_timestamp()`.execute(db)
}

export async function isLinked(db: Db, userId: string, visitor: string): Promise<boolean> {
  const found = await db
    .selectFrom('user_visitors')
    .select('user_id')
    .where('user_id', '=', userId)
    .where('visitor', '=', Buffer.from(visitor, 'hex'))
    .executeTakeFirst()
  return found !== undefined
}

/** When each browser of a user last signed in. */
export function listBrowsers(db: Db, userId: string) {
  return db
    .selectFrom('user_visitors')
    .select('linked_at as signed_in_at')
    .where('user_id', '=', userId)
    .orderBy('linked_at', 'desc')
    .execute()
}

/** Which browsers somebody used, and which links lost, goes; the one that won is the referral itself. */
export async function eraseVisits(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('user_visitors').where('user_id', '=', userId).execute()
  await db
    .deleteFrom('referral_touches')
    .where('user_id', '=', userId)
    .where('rule', 'is', null)
    .execute()
}
