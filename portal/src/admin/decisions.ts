import * as api from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { all, queryClient } from '../api/queries.ts'

export interface Decision {
  kind: 'confirm' | 'refuse'
  referral: api.AdminReferral
}

export const GIVEN_REASONS = ['abuse', 'duplicate', 'other'] as const
export type GivenReason = (typeof GIVEN_REASONS)[number]

const CONCERNED = [
  api.listAllReferrals,
  api.getOverview,
  api.listAudit,
  api.listUserAudit,
  api.getUser,
  api.getTreeNode,
]

/** Decides on a referral, and asks again for what has changed by it. */
export async function decide({ kind, referral }: Decision, reason: GivenReason): Promise<void> {
  const path = { user_id: referral.id }
  const options = { idempotencyKey: keyFor([kind, referral.id, referral.status, reason]) }
  if (kind === 'confirm') await api.confirmReferral({ path }, options)
  else await api.refuseReferral({ path, body: { reason } }, options)
  await Promise.all(CONCERNED.map((one) => queryClient.invalidateQueries(all(one))))
}
