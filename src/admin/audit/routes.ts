import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { listEvents } from '../../audit/service.ts'
import type { Context } from '../../context.ts'
import { signedIn } from '../../http/auth.ts'
import { linkPages } from '../../http/pages.ts'
import * as schemas from './schemas.ts'

export const adminAuditRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/', schemas.listAudit, async (request, reply) => {
    return linkPages(request, reply, await listEvents(ctx, signedIn(request), request.query))
  })
}
