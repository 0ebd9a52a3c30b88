import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../../context.ts'
import { signedIn } from '../../http/auth.ts'
import { visibleReferrer } from '../service.ts'
import * as schemas from './schemas.ts'
import { summarize } from './service.ts'

export const summaryRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.get('/users/:user_id/referrals/summary', schemas.getSummary, async (request) => {
    const { user_id } = request.params
    const referrerId = await visibleReferrer(ctx, signedIn(request), user_id, 'owner')
    return (await summarize(ctx, referrerId, request.query)).summary
  })
}
