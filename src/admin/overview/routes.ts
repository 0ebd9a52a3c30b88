import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../../context.ts'
import * as schemas from './schemas.ts'
import { createOverview } from './service.ts'

export const adminOverviewRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  const overview = createOverview(ctx)
  app.get('/overview', schemas.getOverview, (request) => overview(request.query))
}
