import { type Static, Type } from 'typebox'
import { operation } from '../../http/operation.ts'
import { answer, Id, Nullable, Strict, Timestamp } from '../../http/schemas.ts'
import { GIVEN_REASONS, type GivenReason, Referral } from '../../referrals/schemas.ts'

export const DecidedReferral = Type.Object(
  {
    ...Referral.properties,
    referrer_id: Id,
    decided_at: Nullable(Timestamp),
  },
  {
    $id: 'DecidedReferral',
    description:
      '`decided_at`: when an administrator last confirmed or refused it; null if none did.',
  },
)

const GivenReason = Type.Unsafe<GivenReason>({
  type: 'string',
  enum: [...GIVEN_REASONS],
  description: 'The referrer sees it.',
  examples: ['abuse'],
})

const ReferralParams = Strict({
  user_id: Type.String({
    maxLength: 64,
    description: 'The referred user.',
    examples: ['01936f40-11aa-7c2b-8d3e-5f6071829304'],
  }),
})

const Refusal = Strict({ reason: GivenReason }, { examples: [{ reason: 'abuse' }] })
export type Refusal = Static<typeof Refusal>

export const confirmReferral = operation({
  operationId: 'confirmReferral',
  tags: ['Administration'],
  summary: 'Let a referral count',
  description:
    'One in review or refused becomes `confirmed` when the friend has confirmed the e-mail address, else `pending`; one ' +
    'that counts already stays as it is. A referrer who was not told of the friend is told now.',
  access: 'admin',
  once: true,
  params: ReferralParams,
  response: { 200: answer('The referral as it is now.', DecidedReferral) },
  errors: ['referral_not_found'],
})

export const refuseReferral = operation({
  operationId: 'refuseReferral',
  tags: ['Administration'],
  summary: 'Refuse a referral',
  description:
    'It counts nowhere from now on, also where it was counted before. One that is refused already keeps its reason.',
  access: 'admin',
  once: true,
  params: ReferralParams,
  body: Refusal,
  response: { 200: answer('The referral as it is now.', DecidedReferral) },
  errors: ['referral_not_found'],
})
