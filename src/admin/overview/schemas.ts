import { Type } from 'typebox'
import { operation } from '../../http/operation.ts'
import { answer } from '../../http/schemas.ts'
import { POINTS_MAX, SummaryQuery, summaryFields } from '../../referrals/summary/schemas.ts'
import { Person } from '../schemas.ts'

const Count = (example: number, description?: string) =>
  Type.Integer({ examples: [example], ...(description && { description }) })

export const Overview = Type.Object(
  {
    ...summaryFields,
    top_referrers: Type.Array(
      Type.Object({
        referrer: Person,
        clicks: Count(40),
        registrations: Count(10),
        confirmed: Count(5),
      }),
      { maxItems: 10, description: 'Who brought most people in the range; a minute old at most.' },
    ),
    totals: Type.Object(
      {
        users: Count(1200, 'Accounts that were not erased.'),
        codes: Count(400),
        codes_active: Count(250),
        referrals_pending: Count(80),
        referrals_confirmed: Count(600),
        referrals_review: Count(3),
        referrals_refused: Count(9),
      },
      { description: 'Everything there is, whatever the range; a minute old at most.' },
    ),
    to_do: Type.Object(
      {
        mails_failed: Count(0, 'Mails given up on; a minute old at most.'),
        codes_expiring: Count(7, 'Active codes that end within 7 days; a minute old at most.'),
        referrals_in_review: Count(3, 'As it is now.'),
      },
      { description: 'What an administrator should look at.' },
    ),
  },
  { $id: 'Overview' },
)

export const getOverview = operation({
  operationId: 'getOverview',
  tags: ['Administration'],
  summary: 'Figures of everybody',
  description:
    'Clicks, registrations and confirmations of all users by hour, day, week or month of a time zone, at most ' +
    `${POINTS_MAX} steps; who brought most; totals; what needs looking at. A period costs the same however many people came in it.`,
  access: 'admin',
  querystring: SummaryQuery,
  response: { 200: answer('The overview.', Overview) },
  errors: [],
})
