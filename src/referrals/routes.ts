import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import { linkPages } from '../http/pages.ts'
import * as schemas from './schemas.ts'
import { list, summarize, visibleReferrer } from './service.ts'

export const referralRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.get('/users/:user_id/referrals', schemas.listReferrals, async (request, reply) => {
    const principal = signedIn(request)
    const referrerId = await visibleReferrer(ctx, principal, request.params.user_id)
    return linkPages(request, reply, await list(ctx, principal, referrerId, request.query))
  })

  app.get('/users/:user_id/referrals/summary', schemas.getSummary, async (request) => {
    const referrerId = await visibleReferrer(ctx, signedIn(request), request.params.user_id)
    return summarize(ctx, referrerId, request.query)
  })
}
