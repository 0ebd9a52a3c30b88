import { type Static, Type } from 'typebox'
import { exported, ExportFormat } from '../http/exports.ts'
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

export const STATUSES = ['pending', 'confirmed', 'review', 'refused'] as const
export type StatusName = (typeof STATUSES)[number]

/** What an administrator may refuse a referral for. */
export const GIVEN_REASONS = ['abuse', 'duplicate', 'other'] as const
export type GivenReason = (typeof GIVEN_REASONS)[number]
/** Why a referral waits for review or was refused. */
export const REASONS = [
  'self_referral_email',
  'self_referral_device',
  'velocity',
  ...GIVEN_REASONS,
] as const
export type ReasonName = (typeof REASONS)[number]

export const Status = Type.Unsafe<StatusName>({
  type: 'string',
  enum: [...STATUSES],
  description:
    '`pending` until the friend has confirmed the e-mail address; `review` waits for an administrator; `refused` ' +
    'counts nowhere.',
  examples: ['pending'],
})

export const Reason = Type.Unsafe<ReasonName>({
  type: 'string',
  enum: [...REASONS],
  description:
    '`self_referral_email`: the address is an alias of the referrer’s; `self_referral_device`: the friend came on a ' +
    'device that the referrer uses; `velocity`: more than 20 registrations within an hour by one code; the others are ' +
    'given by administrators.',
  examples: ['velocity'],
})

export const Referral = Type.Object(
  {
    id: Id,
    user_id: Id,
    email: Nullable(Type.String({ examples: ['bob@example.com'] })),
    username: Nullable(Type.String({ examples: ['bob'] })),
    code: Type.String({ examples: ['K7M2QX9D'] }),
    status: Status,
    reason: Nullable(Reason),
    created_at: Timestamp,
    confirmed_at: Nullable(Timestamp),
  },
  {
    $id: 'Referral',
    description:
      '`id` and `user_id` are the referred user; an erased friend has no e-mail or username. `reason` says why it is ' +
      'in review or refused, to the referrer and administrators.',
    examples: [
      {
        id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
        user_id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
        email: 'bob@example.com',
        username: 'bob',
        code: 'K7M2QX9D',
        status: 'pending',
        reason: null,
        created_at: '2026-11-21T09:35:00.000Z',
        confirmed_at: null,
      },
    ],
  },
)
export type Referral = Static<typeof Referral>

export const UserParams = Strict({
  user_id: Type.String({ maxLength: 64, description: 'An id, or `me`.', examples: ['me'] }),
})

const filters = {
  status: Type.Optional(Status),
  created_from: Type.Optional(TimestampInput('Not before this moment.')),
  created_to: Type.Optional(TimestampInput('Before this moment.')),
}

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
    ...filters,
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Part of an e-mail address or username; of a username alone where addresses are masked.',
        examples: ['bob'],
      }),
    ),
  }),
  response: { 200: answer('A page of referrals.', Page('ReferralPage', Referral)) },
  errors: ['user_not_found'],
})

export const EXPORTED = [
  'id',
  'email',
  'username',
  'code',
  'status',
  'reason',
  'created_at',
  'confirmed_at',
] as const

export const exportReferrals = operation({
  operationId: 'exportReferrals',
  tags: ['Referrals'],
  summary: 'Referrals of a user as a file',
  description:
    'All of them, newest first, however many there are; addresses are masked where the list masks them. For the user ' +
    'and administrators. A file that ends without its end was cut off by a failure.',
  access: 'user',
  params: UserParams,
  querystring: Strict({ format: ExportFormat, ...filters }),
  response: exported('The file.', EXPORTED),
  errors: ['user_not_found'],
})

export const Counts = Type.Object(
  {
    all: Type.Integer({ minimum: 0, examples: [12] }),
    pending: Type.Integer({ minimum: 0, examples: [4] }),
    confirmed: Type.Integer({ minimum: 0, examples: [6] }),
    review: Type.Integer({ minimum: 0, examples: [1] }),
    refused: Type.Integer({ minimum: 0, examples: [1] }),
  },
  { $id: 'ReferralCounts' },
)

export const getCounts = operation({
  operationId: 'getReferralCounts',
  tags: ['Referrals'],
  summary: 'How many referrals of each status',
  description: 'Costs the same however many there are. For whom the list is.',
  access: 'user',
  params: UserParams,
  response: { 200: answer('The counts.', Counts) },
  errors: ['user_not_found'],
})
