import type { Context } from '../context.ts'
import * as queries from './profile-queries.ts'

/**
 * Fills the empty fields of a profile with what Clearbit knows of the address. `later` asks to be called
 * again, which is always safe: what is filled in already stays as it is.
 */
export async function enrich(ctx: Context, userId: string): Promise<'done' | 'later'> {
  const user = ctx.enrichment && (await queries.findUnenriched(ctx.db, userId))
  const found = user && (await ctx.enrichment?.find(user.email_key))
  if (found === 'later') return 'later'
  if (found) await queries.fillProfile(ctx.db, userId, found)
  return 'done'
}
