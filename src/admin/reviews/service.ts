import { record } from '../../audit/service.ts'
import { type Context, inTransaction } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../http/auth.ts'
import { parseId } from '../../lib/ids.ts'
import type { GivenReason, StatusName } from '../../referrals/schemas.ts'
import { announce } from '../../referrals/service.ts'
import * as queries from './queries.ts'

/**
 * Lets a referral count that was in review or refused; whoever decides at once with another finds it decided.
 * Its referrer is told of the friend if that was put off.
 */
export function confirmReferral(ctx: Context, by: Actor, userId: string) {
  return inTransaction(ctx, async (ctx) => {
    const held = await hold(ctx, userId)
    const status = held.email_verified ? 'confirmed' : 'pending'
    if (held.status !== 'confirmed' && held.status !== status) {
      await queries.updateStanding(ctx.db, held.user_id, { status, reason: null })
      // What an administrator refused had been told before, or is not worth a mail any more.
      if (held.reason && !held.decided_at) await announce(ctx, held.referrer_id, held.code_id)
      await writeDown(ctx, by, held, { to: status })
    }
    return queries.getReferral(ctx.db, held.user_id)
  })
}

/** Refuses a referral, also one that counted, so that it counts nowhere. The first reason given stays. */
export function refuseReferral(ctx: Context, by: Actor, userId: string, reason: GivenReason) {
  return inTransaction(ctx, async (ctx) => {
    const held = await hold(ctx, userId)
    if (held.status !== 'refused') {
      await queries.updateStanding(ctx.db, held.user_id, { status: 'refused', reason })
      await writeDown(ctx, by, held, { to: 'refused', reason })
    }
    return queries.getReferral(ctx.db, held.user_id)
  })
}

type Held = NonNullable<Awaited<ReturnType<typeof queries.holdReferral>>>

async function hold(ctx: Context, text: string): Promise<Held> {
  const userId = parseId(text)
  const held = userId && (await queries.holdReferral(ctx.db, userId))
  if (!held) throw new AppError('referral_not_found')
  return held
}

function writeDown(
  ctx: Context,
  by: Actor,
  { user_id, referrer_id, status, reason }: Held,
  after: { to: StatusName; reason?: GivenReason },
): Promise<void> {
  return record(ctx, by, {
    action: after.to === 'refused' ? 'referral.refused' : 'referral.confirmed',
    user_id,
    target_id: referrer_id,
    details: { from: status, ...(reason && { reason_before: reason }), ...after },
  })
}
