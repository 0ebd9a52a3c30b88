import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { record } from '../../audit/service.ts'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { actorOf, signedIn } from '../../http/auth.ts'
import { answerOnce } from '../../http/idempotency.ts'
import { linkPages } from '../../http/pages.ts'
import { countJobs, listFailed } from '../../jobs/queries.ts'
import * as schemas from './schemas.ts'
import { retryJob, sendTestMail } from './service.ts'

export const adminJobRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.get('/jobs', schemas.listFailedJobs, async (request, reply) => {
    const page = linkPages(request, reply, await listFailed(ctx.db, request.query))
    return { ...page, queues: await countJobs(ctx.db) }
  })

  app.post('/jobs/:id/retry', schemas.retryJob, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await retryJob(ctx, actorOf(request), request.params.id)
      return { status: 204 }
    }),
  )

  app.post('/mail/test', schemas.sendTestMail, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await sendTestMail(ctx, signedIn(request).id)
      return { status: 202 }
    }),
  )

  app.get('/outbox', schemas.listOutbox, async (request, reply) => {
    const { transport, list } = ctx.mail
    return { transport, ...linkPages(request, reply, await list(request.query)) }
  })

  app.get('/outbox/:name', schemas.getOutboxMail, async (request, reply) => {
    const { name } = request.params
    const source = await ctx.mail.read(name)
    if (source === undefined) throw new AppError('mail_not_found')
    // It may hold a link that sets somebody's password.
    await record(ctx, actorOf(request), { action: 'mail.read', details: { mail: name } })
    // Never shown as a page, whatever is in it.
    return reply
      .type('text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(source)
  })
}
