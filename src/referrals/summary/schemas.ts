import { type Static, Type } from 'typebox'
import { operation } from '../../http/operation.ts'
import { answer, Nullable, Strict, Timestamp, TimestampInput } from '../../http/schemas.ts'
import { UserParams } from '../schemas.ts'

export const POINTS_MAX = 800

const Interval = Type.Unsafe<'hour' | 'day' | 'week' | 'month'>({
  type: 'string',
  enum: ['hour', 'day', 'week', 'month'],
  default: 'day',
  description: 'The step of the series; weeks begin on Monday.',
})
export type Interval = Static<typeof Interval>

const TimeZone = Type.String({
  maxLength: 64,
  pattern: '^(UTC|GMT|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$',
  default: 'UTC',
  description: 'A name of the IANA database: days begin at its midnight.',
  examples: ['Europe/Berlin'],
})

const Count = (description: string, example: number) =>
  Type.Integer({ description, examples: [example] })
const figures = {
  clicks: Count('Visits of share links.', 40),
  registrations: Count('Referrals that were not refused, when they came.', 10),
  confirmed: Count('Referrals that were confirmed, when they were.', 5),
}
const rates = {
  registration_rate: Nullable(
    Type.Number({ description: 'Registrations a click; null without clicks.', examples: [0.25] }),
  ),
  confirmation_rate: Nullable(
    Type.Number({
      description: 'Confirmed a registration; null without registrations.',
      examples: [0.5],
    }),
  ),
}

export const summaryFields = {
  from: Timestamp,
  to: Timestamp,
  interval: Interval,
  time_zone: TimeZone,
  ...figures,
  ...rates,
  previous: Type.Object(
    { ...figures, ...rates },
    { description: 'The same of the period before, which is as long.' },
  ),
  series: Type.Array(Type.Object({ at: Timestamp, ...figures }), {
    maxItems: POINTS_MAX,
    description: 'One for each step, none left out; `at` is when it begins in the time zone.',
  }),
}

export const Summary = Type.Object(summaryFields, {
  $id: 'Summary',
  description: 'What is refused later is taken out again, also from periods that have passed.',
})

/** The range of a summary, its steps and whose midnight begins them. */
export const SummaryQuery = Strict({
  from: Type.Optional(
    TimestampInput('The first day, or hour in steps of an hour; 30 days ago when left out.'),
  ),
  to: Type.Optional(
    TimestampInput('The last day or hour, which is counted too; now when left out.'),
  ),
  interval: Interval,
  time_zone: TimeZone,
})
export type SummaryQuery = Static<typeof SummaryQuery>

export const getSummary = operation({
  operationId: 'getReferralSummary',
  tags: ['Referrals'],
  summary: 'Figures of a user',
  description: `Clicks, registrations and confirmations by hour, day, week or month of a time zone, at most ${POINTS_MAX} steps.`,
  access: 'user',
  params: UserParams,
  querystring: SummaryQuery,
  response: { 200: answer('The figures.', Summary) },
  errors: ['user_not_found'],
})
