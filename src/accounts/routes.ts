import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import * as schemas from './schemas.ts'
import { getUser, register, updateMe } from './service.ts'

export const accountRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.post('/auth/register', schemas.register, async (request, reply) => {
    const user = await register(ctx, request.body)
    return reply.code(201).header('location', '/api/v1/users/me').send(user)
  })

  app.get('/users/me', schemas.getMe, async (request) => getUser(ctx, signedIn(request).id))

  app.patch('/users/me', schemas.updateMe, async (request) =>
    updateMe(ctx, signedIn(request).id, request.body),
  )
}
