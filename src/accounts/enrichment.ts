import type { Context } from '../context.ts'
import * as queries from './profile-queries.ts'

/**
 * Fills the empty fields of a profile with what Clearbit knows of the address. Throws while there is no
 * answer; to call it again is always safe, since what is filled in already stays as it is.
 */
export async function enrich(ctx: Context, userId: string): Promise<void> {
  const user = ctx.enrichment && (await queries.findUnenriched(ctx.db, userId))
  const found = user && (await ctx.enrichment?.find(user.email_key))
  if (found === 'later') throw new Error('Clearbit has no answer yet')
  if (found) await queries.fillProfile(ctx.db, userId, found)
}
