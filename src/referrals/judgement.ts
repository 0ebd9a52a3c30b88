import type { Context } from '../context.ts'
import { canonicalEmail } from '../lib/email.ts'
import * as queries from './queries.ts'
import type { ReasonName } from './schemas.ts'

/** Somebody who registers, and how they come. */
export interface Newcomer {
  id: string
  seq: number
  email_key: string
  /** Whether this user has signed in on the device that the newcomer came with. */
  cameOnDeviceOf?: (ctx: Context, userId: string) => Promise<boolean>
}

type Judgement =
  | { status: 'pending'; reason: null }
  | { status: 'review' | 'refused'; reason: ReasonName }

/**
 * What a new referral is: refused when the newcomer is the referrer, for review when more than
 * REFERRAL_REVIEW_ABOVE came by the code within an hour, else pending.
 */
export async function judge(
  ctx: Context,
  newcomer: Newcomer,
  code: { id: string; user_id: string; owner_email_key: string | null },
): Promise<Judgement> {
  const owner = code.owner_email_key
  if (owner !== null && canonicalEmail(owner) === canonicalEmail(newcomer.email_key)) {
    return { status: 'refused', reason: 'self_referral_email' }
  }
  if (await newcomer.cameOnDeviceOf?.(ctx, code.user_id)) {
    return { status: 'refused', reason: 'self_referral_device' }
  }
  const places = ctx.config.REFERRAL_REVIEW_ABOVE
  const free = places === 0 || (await queries.takeCodePlace(ctx.db, code.id, places))
  return free ? { status: 'pending', reason: null } : { status: 'review', reason: 'velocity' }
}
