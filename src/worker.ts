import { enrich } from './accounts/enrichment.ts'
import { countTree } from './admin/referrals/tree.ts'
import { deleteOld } from './privacy/retention.ts'
import { sendMail } from './recovery/mails.ts'
import { remindOwners } from './codes/service.ts'
import type { Context } from './context.ts'
import { mergeFigures } from './referrals/summary/service.ts'

/** Runs the jobs in this process; each name with its handler. */
export function startWorker(ctx: Context): Promise<void> {
  return ctx.jobs.work({
    mail: (run) => sendMail(ctx, run),
    'referrals.count_tree': () => countTree(ctx),
    'codes.remind': () => remindOwners(ctx),
    'figures.merge': () => mergeFigures(ctx),
    'accounts.enrich': ({ payload }) => enrich(ctx, payload.user_id),
    retention: () => deleteOld(ctx),
  })
}
