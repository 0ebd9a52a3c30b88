import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import { linkPages } from '../http/pages.ts'
import * as schemas from './schemas.ts'
import { list, summarize, visibleReferrer } from './service.ts'

export const referralRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.get('/users/:user_id/referrals', schemas.listReferrals, async (request, reply) => {
    const principal = signedIn(request)
    const { REFERRALS_VISIBILITY } = ctx.config
    const { user_id } = request.params
    const referrerId = await visibleReferrer(ctx, principal, user_id, REFERRALS_VISIBILITY)
    return linkPages(request, reply, await list(ctx, principal, referrerId, request.query))
  })

  app.get('/users/:user_id/referrals/summary', schemas.getSummary, async (request) => {
    const { user_id } = request.params
    const referrerId = await visibleReferrer(ctx, signedIn(request), user_id, 'owner')
    return summarize(ctx, referrerId, request.query)
  })
}
