import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { actorOf, signedIn } from '../http/auth.ts'
import { answerOnce } from '../http/idempotency.ts'
import { clientOf, limit, limitGuesses } from '../http/limits.ts'
import { evidenceOf } from '../links/service.ts'
import * as schemas from './schemas.ts'
import { getUser, register, updateMe } from './service.ts'
import { needsSetup, setUp } from './setup.ts'

export const accountRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.post('/auth/register', schemas.register, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await limit(ctx, { request, reply }, (client) => [
        ['register_hour', client],
        ['register_day', client],
      ])
      const body = await limitGuesses(ctx, { request, reply }, () =>
        register(ctx, request.body, evidenceOf(ctx, request)),
      )
      return { status: 201, location: '/api/v1/users/me', body, about: body.id }
    }),
  )

  app.get('/setup', schemas.getSetup, async (_request, reply) => {
    void reply.header('cache-control', 'no-store')
    return { needed: await needsSetup(ctx) }
  })

  app.post('/setup', schemas.setUp, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const body = await setUp(ctx, actorOf(request), clientOf(request), request.body)
      return { status: 201, location: '/api/v1/users/me', body, about: body.id }
    }),
  )

  app.get('/users/me', schemas.getMe, async (request) => getUser(ctx, signedIn(request).id))

  app.patch('/users/me', schemas.updateMe, async (request) =>
    updateMe(ctx, signedIn(request).id, request.body),
  )
}
