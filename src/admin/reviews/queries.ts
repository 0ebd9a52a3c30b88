import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { ReasonName, StatusName } from '../../referrals/schemas.ts'

interface Standing {
  status: StatusName
  reason: ReasonName | null
}

/**
 * The referral of a user, held until the transaction ends, and whether the user's address is confirmed. The
 * user is held first: who confirms the address at the same moment comes before or after the whole decision.
 */
export async function holdReferral(db: Db, userId: string) {
  const user = await db
    .selectFrom('users')
    .select(sql<boolean>`email_verified_at is not null`.as('email_verified'))
    .where('id', '=', userId)
    .forShare()
    .executeTakeFirst()
  const referral = await db
    .selectFrom('referrals')
    .select(['user_id', 'referrer_id', 'code_id', 'status', 'reason', 'decided_at'])
    .where('user_id', '=', userId)
    .forUpdate()
    .$narrowType<Standing>()
    .executeTakeFirst()
  return user && referral && { ...referral, ...user }
}

export function updateStanding(db: Db, userId: string, { status, reason }: Standing) {
  const confirmed = status === 'confirmed'
  return db
    .updateTable('referrals')
    .set({
      status,
      reason,
      confirmed_at: confirmed ? sql`clock_timestamp()` : null,
      decided_at: sql`clock_timestamp()`,
    })
    .where('user_id', '=', userId)
    .execute()
}

export function getReferral(db: Db, userId: string) {
  return db
    .selectFrom('referrals')
    .innerJoin('users', 'users.id', 'referrals.user_id')
    .innerJoin('referral_codes', 'referral_codes.id', 'referrals.code_id')
    .select([
      'referrals.user_id as id',
      'referrals.user_id',
      'users.email',
      'users.username',
      'referral_codes.code',
      'referrals.status',
      'referrals.reason',
      'referrals.attributed_at as created_at',
      'referrals.confirmed_at',
      'referrals.referrer_id',
      'referrals.decided_at',
    ])
    .where('referrals.user_id', '=', userId)
    .$narrowType<Standing>()
    .executeTakeFirstOrThrow()
}
