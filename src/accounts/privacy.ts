import { requireRecentSignIn } from '../auth/service.ts'
import { list as listCodes, retireForErasure } from '../codes/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { deleteAnswersOf } from '../db/idempotency.ts'
import type { Principal } from '../http/auth.ts'
import { list as listReferrals } from '../referrals/service.ts'
import * as queries from './privacy-queries.ts'
import { EXPORTED_MAX } from './privacy-schemas.ts'
import { getUser } from './service.ts'

/**
 * Erases a person: nothing personal is left, every session ends, the code is retired. The empty row stays,
 * so that what others were credited with stays true. Throws `reauthentication_required`.
 */
export async function erase(ctx: Context, principal: Principal): Promise<void> {
  const { id } = principal
  await inTransaction(ctx, async (ctx) => {
    await requireRecentSignIn(ctx, principal)
    await retireForErasure(ctx, id)
    await queries.eraseSessions(ctx.db, id)
    // A change of the address waits for everybody who is adding a row that refers to the user: only after
    // it is there nothing that the next statements do not see.
    await queries.eraseUser(ctx.db, id)
    await queries.spendEmailTokens(ctx.db, id)
    await deleteAnswersOf(ctx.db, id)
  })
}

/** Everything held about a user; of friends only what the list of referrals shows, of long lists the newest. */
export async function exportUser(ctx: Context, principal: Principal) {
  const { id } = principal
  const newest = { page: 1, size: EXPORTED_MAX }
  const { referred_by: _, ...profile } = await getUser(ctx, id)
  const codes = await listCodes(ctx, id, newest)
  const referrals = await listReferrals(ctx, principal, id, newest)
  return {
    exported_at: new Date(ctx.clock.now()),
    profile: { ...profile, email_verified_at: await queries.findVerifiedAt(ctx.db, id) },
    referral: (await queries.findOwnReferral(ctx.db, id)) ?? null,
    codes: { total: codes.total, items: codes.items },
    referrals: { total: referrals.total, items: referrals.items },
    sessions: await queries.listAllSessions(ctx.db, id, EXPORTED_MAX),
    links: await queries.listLinks(ctx.db, id, EXPORTED_MAX),
  }
}
