import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../../context.ts'
import { actorOf } from '../../http/auth.ts'
import { answerOnce } from '../../http/idempotency.ts'
import * as schemas from './schemas.ts'
import { confirmReferral, refuseReferral } from './service.ts'

export const adminReviewRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.post('/referrals/:user_id/confirm', schemas.confirmReferral, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const body = await confirmReferral(ctx, actorOf(request), request.params.user_id)
      return { status: 200, body, about: body.id }
    }),
  )

  app.post('/referrals/:user_id/refuse', schemas.refuseReferral, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { params, body: refusal } = request
      const body = await refuseReferral(ctx, actorOf(request), params.user_id, refusal.reason)
      return { status: 200, body, about: body.id }
    }),
  )
}
