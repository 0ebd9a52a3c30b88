import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import {
  answer,
  Id,
  Nullable,
  Page,
  PageQuery,
  Strict,
  Timestamp,
  TimestampInput,
} from '../http/schemas.ts'

export const Status = Type.Unsafe<'pending' | 'confirmed'>({
  type: 'string',
  enum: ['pending', 'confirmed'],
  description: '`pending` until the friend has confirmed the e-mail address.',
  examples: ['pending'],
})

export const Referral = Type.Object(
  {
    id: Id,
    user_id: Id,
    email: Nullable(Type.String({ examples: ['bob@example.com'] })),
    username: Nullable(Type.String({ examples: ['bob'] })),
    code: Type.String({ examples: ['K7M2QX9D'] }),
    status: Status,
    created_at: Timestamp,
    confirmed_at: Nullable(Timestamp),
  },
  {
    $id: 'Referral',
    description:
      '`id` and `user_id` are the referred user; an erased friend has no e-mail or username.',
    examples: [
      {
        id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
        user_id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
        email: 'bob@example.com',
        username: 'bob',
        code: 'K7M2QX9D',
        status: 'pending',
        created_at: '2026-11-21T09:35:00.000Z',
        confirmed_at: null,
      },
    ],
  },
)
export type Referral = Static<typeof Referral>

export const Interval = Type.Unsafe<'day' | 'week' | 'month'>({
  type: 'string',
  enum: ['day', 'week', 'month'],
  default: 'day',
  description: 'The step of the series, in UTC.',
})

const figures = {
  registrations: Type.Integer({ minimum: 0, examples: [3] }),
  confirmed: Type.Integer({ minimum: 0, examples: [1] }),
}

export const Summary = Type.Object(
  {
    from: Timestamp,
    to: Timestamp,
    interval: Interval,
    ...figures,
    series: Type.Array(Type.Object({ at: Timestamp, ...figures }), { maxItems: 800 }),
  },
  { $id: 'Summary' },
)

const UserParams = Strict({
  user_id: Type.String({ maxLength: 64, description: 'An id, or `me`.', examples: ['me'] }),
})

export const listReferrals = operation({
  operationId: 'listReferrals',
  tags: ['Referrals'],
  summary: 'Referrals of a user',
  description:
    'Who registered with the codes of this user, newest first. For the user and administrators; every signed-in ' +
    'user where REFERRALS_VISIBILITY says so.',
  access: 'user',
  params: UserParams,
  querystring: PageQuery({
    status: Type.Optional(Status),
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Part of an e-mail address or username.',
        examples: ['bob'],
      }),
    ),
    created_from: Type.Optional(TimestampInput('Not before this moment.')),
    created_to: Type.Optional(TimestampInput('Before this moment.')),
  }),
  response: { 200: answer('A page of referrals.', Page('ReferralPage', Referral)) },
  errors: ['user_not_found'],
})

export const getSummary = operation({
  operationId: 'getReferralSummary',
  tags: ['Referrals'],
  summary: 'Figures of a user',
  description: 'Registrations and confirmations by day, week or month (UTC), zero-filled.',
  access: 'user',
  params: UserParams,
  querystring: Strict({
    from: Type.Optional(TimestampInput('The first day; 30 days ago when left out.')),
    to: Type.Optional(TimestampInput('The last day; today when left out.')),
    interval: Interval,
  }),
  response: { 200: answer('The figures.', Summary) },
  errors: ['user_not_found'],
})
