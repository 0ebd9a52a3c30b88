import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { actorOf, signedIn } from '../http/auth.ts'
import * as schemas from './schemas.ts'
import { erase, exportUser } from './service.ts'

export const privacyRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.delete('/users/me', schemas.eraseMe, async (request, reply) => {
    await erase(ctx, signedIn(request), actorOf(request))
    return reply.code(204).send()
  })

  app.get('/users/me/export', schemas.exportMe, async (request, reply) => {
    void reply.header('content-disposition', 'attachment; filename="invitree-export.json"')
    return exportUser(ctx, signedIn(request))
  })
}
