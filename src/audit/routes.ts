import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import { linkPages } from '../http/pages.ts'
import * as schemas from './schemas.ts'
import { listSecurityEvents } from './queries.ts'

export const securityEventRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/users/me/security-events', schemas.listSecurityEvents, async (request, reply) => {
    const page = await listSecurityEvents(ctx.db, signedIn(request).id, request.query)
    return linkPages(request, reply, page)
  })
}
