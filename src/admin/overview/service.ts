import type { Context } from '../../context.ts'
import { countTotals } from '../../db/totals.ts'
import { countJobs } from '../../jobs/queries.ts'
import { MINUTE } from '../../lib/dates.ts'
import { createMemory } from '../../lib/memory.ts'
import type { SummaryQuery } from '../../referrals/summary/schemas.ts'
import { summarize } from '../../referrals/summary/service.ts'
import * as queries from './queries.ts'

/**
 * Gives the overview of all users' figures. What costs more the larger the installation is, is read once a
 * minute: the top referrers of a range and the totals. The figures themselves and what is in review are
 * those of the moment.
 */
export function createOverview(ctx: Context) {
  const rememberTop = createMemory<Awaited<ReturnType<typeof queries.listTopReferrers>>>(MINUTE)
  const rememberTotals = createMemory<Awaited<ReturnType<typeof readTotals>>>(MINUTE)
  return async (query: SummaryQuery) => {
    const { summary, range } = await summarize(ctx, null, query)
    const span = `${range.starts.toISOString()} ${range.ends.toISOString()}`
    const [top_referrers, { codes_expiring, mails_failed, ...totals }, in_review] =
      await Promise.all([
        rememberTop(span, () => queries.listTopReferrers(ctx.db, range)),
        rememberTotals('', () => readTotals(ctx)),
        queries.countInReview(ctx.db),
      ])
    const to_do = { mails_failed, codes_expiring, referrals_in_review: in_review }
    return { ...summary, top_referrers, totals, to_do }
  }
}

async function readTotals({ db }: Context) {
  const [{ users, codes_active, ...referrals }, { codes, codes_expiring }, jobs] =
    await Promise.all([countTotals(db), queries.countCodes(db), countJobs(db)])
  return {
    users,
    codes,
    codes_active,
    ...referrals,
    codes_expiring,
    mails_failed: jobs.find(({ name }) => name === 'mail')?.failed ?? 0,
  }
}
