import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import { answerOnce } from '../http/idempotency.ts'
import { limit, limitGuesses, takeFrom } from '../http/limits.ts'
import { parseEmail } from '../lib/email.ts'
import { erase, exportUser } from './privacy.ts'
import * as privacy from './privacy-schemas.ts'
import * as schemas from './schemas.ts'
import { askReset, resendVerification, resetPassword, verifyEmail } from './recovery.ts'
import { getUser, register, updateMe } from './service.ts'

export const accountRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.post('/auth/register', schemas.register, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await limit(ctx, { request, reply }, (client) => [
        ['register_hour', client],
        ['register_day', client],
      ])
      const body = await limitGuesses(ctx, { request, reply }, () => register(ctx, request.body))
      return { status: 201, location: '/api/v1/users/me', body, about: body.id }
    }),
  )

  app.post('/auth/verify-email', schemas.verifyEmail, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await verifyEmail(ctx, request.body.token)
      return { status: 204 }
    }),
  )

  app.post('/auth/verify-email/resend', schemas.resendVerification, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { id } = signedIn(request)
      await limit(ctx, { request, reply }, (client) => [['reset_per_address', client]])
      if (await takeFrom(ctx, request, ['reset_per_email', id])) await resendVerification(ctx, id)
      return { status: 202 }
    }),
  )

  app.post('/auth/reset-password', schemas.askReset, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { email } = request.body
      const key = parseEmail(email)?.key ?? email
      await limit(ctx, { request, reply }, (client) => [['reset_per_address', client]])
      if (await takeFrom(ctx, request, ['reset_per_email', key])) await askReset(ctx, email)
      return { status: 202 }
    }),
  )

  app.post('/auth/reset-password/confirm', schemas.resetPassword, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await resetPassword(ctx, request.body)
      return { status: 204 }
    }),
  )

  app.get('/users/me', schemas.getMe, async (request) => getUser(ctx, signedIn(request).id))

  app.patch('/users/me', schemas.updateMe, async (request) =>
    updateMe(ctx, signedIn(request).id, request.body),
  )

  app.delete('/users/me', privacy.eraseMe, async (request, reply) => {
    await erase(ctx, signedIn(request))
    return reply.code(204).send()
  })

  app.get('/users/me/export', privacy.exportMe, async (request, reply) => {
    void reply.header('content-disposition', 'attachment; filename="invitree-export.json"')
    return exportUser(ctx, signedIn(request))
  })
}
