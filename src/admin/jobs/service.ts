import { record } from '../../audit/service.ts'
import { type Context, inTransaction } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../http/auth.ts'
import { findFailed } from '../../jobs/queries.ts'
import { parseId } from '../../lib/ids.ts'

/** Puts a job that failed for good back into its queue, once; of two who try one finds nothing there. */
export function retryJob(ctx: Context, by: Actor, id: string): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    const jobId = parseId(id)
    const name = jobId && (await findFailed(ctx.db, jobId))
    if (!name || !(await ctx.jobs.retry(ctx.db, jobId))) throw new AppError('job_not_found')
    await record(ctx, by, { action: 'job.retried', target_id: jobId, details: { job: name } })
  })
}

/** Sends an administrator a mail that says no more than that mail arrives. */
export function sendTestMail(ctx: Context, userId: string): Promise<void> {
  return inTransaction(ctx, (ctx) =>
    ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'test', user_id: userId }),
  )
}
