import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import { sendExport } from '../http/exports.ts'
import { linkPages } from '../http/pages.ts'
import { getCounts } from './queries.ts'
import * as schemas from './schemas.ts'
import { list, readAll, visibleReferrer } from './service.ts'

export const referralRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.get('/users/:user_id/referrals', schemas.listReferrals, async (request, reply) => {
    const principal = signedIn(request)
    const { REFERRALS_VISIBILITY } = ctx.config
    const { user_id } = request.params
    const referrerId = await visibleReferrer(ctx, principal, user_id, REFERRALS_VISIBILITY)
    return linkPages(request, reply, await list(ctx, principal, referrerId, request.query))
  })

  app.get('/users/:user_id/referrals/export', schemas.exportReferrals, async (request, reply) => {
    const principal = signedIn(request)
    const referrerId = await visibleReferrer(ctx, principal, request.params.user_id, 'owner')
    const { format, ...filters } = request.query
    const batches = readAll(ctx, principal, referrerId, filters)
    return sendExport({ request, reply }, format, {
      name: 'referrals',
      columns: schemas.EXPORTED,
      batches,
    })
  })

  app.get('/users/:user_id/referrals/counts', schemas.getCounts, async (request) => {
    const { REFERRALS_VISIBILITY } = ctx.config
    const { user_id } = request.params
    return getCounts(
      ctx.db,
      await visibleReferrer(ctx, signedIn(request), user_id, REFERRALS_VISIBILITY),
    )
  })
}
