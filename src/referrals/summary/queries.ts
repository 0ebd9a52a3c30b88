import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { Interval } from './schemas.ts'

export interface Asked {
  from: Date
  to: Date
  interval: Interval
  time_zone: string
}

/** Whole hours or days: `starts` is within, `ends` is not, and as much lies between `before` and `starts`. */
export interface Range {
  before: Date
  starts: Date
  ends: Date
  /** Where each step of the series begins; the first may lie before `starts`. */
  points: Date[]
}

export interface Figures {
  clicks: number
  registrations: number
  confirmed: number
}

/** The range in its time zone, in which a day may have 23 or 25 hours. Throws for a zone that is unknown. */
export async function findRange(db: Db, asked: Asked): Promise<Range> {
  const range = asked.interval === 'hour' ? hours(asked) : days(asked)
  const { rows } = await range.execute(db)
  return rows[0]!
}

function hours({ from, to, time_zone: zone }: Asked): RawBuilder<Range> {
  return sql`
    select starts, ends, starts - (ends - starts) as before, array(
      -- By quarters, since there are zones that are moved by half an hour.
      select distinct date_trunc('hour', quarter, ${zone})
      from generate_series(starts, ends - interval '15 minutes', interval '15 minutes') as quarter
      order by 1
    ) as points
    from (
      select date_trunc('hour', ${from}::timestamptz, ${zone}) as starts,
        date_trunc('hour', ${to}::timestamptz, ${zone}) + interval '1 hour' as ends
    ) as range`
}

function days({ from, to, interval, time_zone: zone }: Asked): RawBuilder<Range> {
  const inZone = (local: RawBuilder<unknown>) => sql`(${local}) at time zone ${zone}`
  return sql`
    select ${inZone(sql`starts`)} as starts, ${inZone(sql`ends`)} as ends,
      ${inZone(sql`starts - (ends - starts)`)} as before, array(
      -- Once, where a whole day was left out.
      select distinct ${inZone(sql`point`)}
      from generate_series(date_trunc(${interval}, starts), ends - interval '1 day',
        ('1 ' || ${interval})::interval) as point
      order by 1
    ) as points
    from (
      select date_trunc('day', ${from}::timestamptz at time zone ${zone}) as starts,
        date_trunc('day', ${to}::timestamptz at time zone ${zone}) + interval '1 day' as ends
    ) as range`
}

/**
 * Puts the slots of each quarter hour that lies back two days at most, and `age` milliseconds at least, into
 * one: so a long period is read from a sixteenth of the rows. What is changed meanwhile gets a slot anew.
 */
export async function mergeSlots(db: Db, age: number): Promise<void> {
  for (const [table, keys] of [
    ['figures', sql`referrer_id, at, code_id`],
    ['overall_figures', sql`at`],
  ] as const) {
    const from = sql.table(table)
    await sql`
      with split as (
        select ${keys} from ${from} where at >= now() - interval '2 days'
          and at <= now() - ${age} * interval '1 millisecond'
        group by ${keys} having count(*) > 1
      ), held as (
        -- In the order in which they are counted, so that nobody waits for each other.
        select ${keys}, slot from ${from} as kept join split using (${keys})
        order by ${keys}, slot for update of kept
      ), gone as (
        delete from ${from} where (${keys}, slot) in (select ${keys}, slot from held) returning *
      )
      insert into ${from} as kept (${keys}, slot, clicks, registrations, confirmed)
      select ${keys}, 0, sum(clicks), sum(registrations), sum(confirmed)
      from gone group by ${keys}
      on conflict (${keys}, slot) do update set
        clicks = kept.clicks + excluded.clicks,
        registrations = kept.registrations + excluded.registrations,
        confirmed = kept.confirmed + excluded.confirmed`.execute(db)
  }
}

interface Step extends Figures {
  /** The place of its point, from 1; 0 for all that lies before `starts`. */
  place: number
}

/** The sums of each step and of the period before; steps in which nothing happened are left out. */
export async function sumFigures(
  db: Db,
  referrerId: string | null,
  { before, starts, ends, points }: Range,
): Promise<Step[]> {
  const kept =
    referrerId === null
      ? sql`overall_figures where true`
      : sql`figures where referrer_id = ${referrerId}`
  const { rows } = await sql<Step>`
    select case when at < ${starts} then 0
        else width_bucket(at, ${sql.val(points)}::timestamptz[]) end as place,
      sum(clicks)::int8 as clicks, sum(registrations)::int8 as registrations,
      sum(confirmed)::int8 as confirmed
    from ${kept} and at >= ${before} and at < ${ends}
    group by 1`.execute(db)
  return rows
}
