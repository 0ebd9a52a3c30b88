import { type Context, inTransaction } from '../../context.ts'
import { isUnknownTimeZone } from '../../db/failures.ts'
import { InvalidFields } from '../../http/validation.ts'
import { DAY, HOUR, parseTimestamp } from '../../lib/dates.ts'
import {
  type Asked,
  type Figures,
  findRange,
  mergeSlots,
  type Range,
  sumFigures,
} from './queries.ts'
import { type Interval, POINTS_MAX, type SummaryQuery } from './schemas.ts'

const DAYS = 30
const LONGEST_MS: Record<Interval, number> = {
  hour: HOUR,
  day: DAY,
  week: 7 * DAY,
  month: 31 * DAY,
}
const NOTHING: Figures = { clicks: 0, registrations: 0, confirmed: 0 }

/**
 * The figures of a referrer, or of all where there is none given, with their sums, those of the period
 * before, and the range that was read. What happened is counted in the quarter hour it happened in.
 */
export async function summarize(ctx: Context, referrerId: string | null, query: SummaryQuery) {
  const asked = readAsked(ctx, query)
  const range = await readRange(ctx, asked)
  const steps = await sumFigures(ctx.db, referrerId, range)
  const byPlace = new Map(steps.map(({ place, ...figures }) => [place, figures]))
  const series = range.points.map((at, index) => ({ at, ...(byPlace.get(index + 1) ?? NOTHING) }))
  const summary = {
    ...asked,
    ...withRates(series.reduce(plus, NOTHING)),
    previous: withRates(byPlace.get(0) ?? NOTHING),
    series,
  }
  return { summary, range }
}

/** Makes the figures of past hours small; the same however often it runs. */
export async function mergeFigures(ctx: Context): Promise<void> {
  await inTransaction(ctx, (ctx) => mergeSlots(ctx.db, HOUR))
}

function readAsked(ctx: Context, { from, to, ...rest }: SummaryQuery): Asked {
  const last = to ? parseTimestamp(to)! : new Date(ctx.clock.now())
  const first = from ? parseTimestamp(from)! : new Date(last.getTime() - (DAYS - 1) * DAY)
  if (first > last) {
    const params = { limit: last.toISOString() }
    throw new InvalidFields([{ pointer: '/query/from', code: 'too_large', params }])
  }
  return { from: first, to: last, ...rest }
}

async function readRange(ctx: Context, asked: Asked): Promise<Range> {
  // Before thousands of years are cut into hours.
  const span = asked.to.getTime() - asked.from.getTime()
  if (span > POINTS_MAX * LONGEST_MS[asked.interval]) throw tooManyPoints()
  const range = await findRange(ctx.db, asked).catch((error: unknown) => {
    if (!isUnknownTimeZone(error)) throw error
    throw new InvalidFields([{ pointer: '/query/time_zone', code: 'time_zone_unknown' }])
  })
  if (range.points.length > POINTS_MAX) throw tooManyPoints()
  return range
}

const tooManyPoints = () =>
  new InvalidFields([
    { pointer: '/query/from', code: 'too_many_points', params: { max: POINTS_MAX } },
  ])

const plus = (one: Figures, other: Figures): Figures => ({
  clicks: one.clicks + other.clicks,
  registrations: one.registrations + other.registrations,
  confirmed: one.confirmed + other.confirmed,
})

function withRates({ clicks, registrations, confirmed }: Figures) {
  return {
    clicks,
    registrations,
    confirmed,
    registration_rate: rate(registrations, clicks),
    confirmation_rate: rate(confirmed, registrations),
  }
}

const rate = (part: number, whole: number) =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000
