import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { extendAny, retire, withUrl } from '../../codes/service.ts'
import type { Context } from '../../context.ts'
import { actorOf, signedIn } from '../../http/auth.ts'
import { linkPages } from '../../http/pages.ts'
import { listAllCodes } from './queries.ts'
import * as schemas from './schemas.ts'

export const adminCodeRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/codes', schemas.listAllCodes, async (request, reply) => {
    const page = await listAllCodes(ctx.db, request.query, request.query)
    const items = page.items.map((code) => withUrl(ctx, code))
    return linkPages(request, reply, { ...page, items })
  })

  app.patch('/codes/:code', schemas.extendAnyCode, async (request) =>
    extendAny(ctx, actorOf(request), request.params.code, request.body),
  )

  app.delete('/codes/:code', schemas.retireAnyCode, async (request, reply) => {
    const by = { principal: signedIn(request), actor: actorOf(request) }
    await retire(ctx, by, request.params.code)
    return reply.code(204).send()
  })
}
