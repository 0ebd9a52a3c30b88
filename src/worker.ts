import { enrich } from './accounts/enrichment.ts'
import { sendMail } from './accounts/mails.ts'
import { remindOwners } from './codes/service.ts'
import type { Context } from './context.ts'

/** Runs the jobs in this process; each name with its handler. */
export function startWorker(ctx: Context): Promise<void> {
  return ctx.jobs.work({
    mail: (run) => sendMail(ctx, run),
    'codes.remind': () => remindOwners(ctx),
    'accounts.enrich': ({ payload }) => enrich(ctx, payload.user_id),
  })
}
