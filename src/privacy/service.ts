import { getUser } from '../accounts/service.ts'
import { listSecurityEvents, record } from '../audit/service.ts'
import { requireRecentSignIn } from '../auth/service.ts'
import { list as listCodes, retireForErasure } from '../codes/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { deleteAnswersOf } from '../db/idempotency.ts'
import { refusing } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import type { Actor, Principal } from '../http/auth.ts'
import { eraseVisits, exportVisits } from '../links/service.ts'
import { list as listReferrals } from '../referrals/service.ts'
import * as queries from './queries.ts'
import { EXPORTED_MAX } from './schemas.ts'

const LAST = { users_last_admin: () => new AppError('last_admin') }

/** Erases whoever asks for it. Throws `reauthentication_required`, and `last_admin` for who has to stay. */
export function erase(ctx: Context, principal: Principal, by: Actor): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    await requireRecentSignIn(ctx, principal)
    await erasePerson(ctx, by, principal.id)
  })
}

/**
 * Erases a person in the caller's transaction: nothing personal is left, every session ends, the code is
 * retired. The empty row stays, so that what others were credited with stays true.
 */
export async function erasePerson(ctx: Context, by: Actor, id: string): Promise<void> {
  await retireForErasure(ctx, id)
  await queries.eraseSessions(ctx.db, id)
  // A change of the address waits for everybody who is adding a row that refers to the user: only after
  // it is there nothing that the next statements do not see.
  await refusing(LAST, () => queries.eraseUser(ctx.db, id))
  await queries.spendEmailTokens(ctx.db, id)
  await eraseVisits(ctx, id)
  await deleteAnswersOf(ctx.db, id)
  await record(ctx, by, { action: 'user.erased', user_id: id })
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
    profile: { ...profile, ...(await queries.getMoments(ctx.db, id)) },
    referral: (await queries.findOwnReferral(ctx.db, id)) ?? null,
    codes: { total: codes.total, items: codes.items },
    referrals: { total: referrals.total, items: referrals.items },
    sessions: await queries.listAllSessions(ctx.db, id, EXPORTED_MAX),
    links: await queries.listLinks(ctx.db, id, EXPORTED_MAX),
    visits: await exportVisits(ctx, id),
    security_events: (await listSecurityEvents(ctx.db, id, newest)).items,
  }
}
