import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { actorOf, signedIn } from '../http/auth.ts'
import { setDeviceCookie } from '../http/device-cookie.ts'
import { answerOnce } from '../http/idempotency.ts'
import { limit, takeFrom } from '../http/limits.ts'
import { parseEmail } from '../lib/email.ts'
import * as schemas from './schemas.ts'
import { askReset, resendVerification, resetPassword, verifyEmail } from './service.ts'

export const recoveryRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.post('/verify-email', schemas.verifyEmail, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await verifyEmail(ctx, actorOf(request), request.body.token)
      return { status: 204 }
    }),
  )

  app.post('/verify-email/resend', schemas.resendVerification, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { id } = signedIn(request)
      await limit(ctx, { request, reply }, (client) => [['reset_per_address', client]])
      if (await takeFrom(ctx, request, ['reset_per_email', id])) await resendVerification(ctx, id)
      return { status: 202 }
    }),
  )

  app.post('/reset-password', schemas.askReset, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { email } = request.body
      const key = parseEmail(email)?.key ?? email
      await limit(ctx, { request, reply }, (client) => [['reset_per_address', client]])
      if (await takeFrom(ctx, request, ['reset_per_email', key])) await askReset(ctx, email)
      return { status: 202 }
    }),
  )

  app.post('/reset-password/confirm', schemas.resetPassword, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      setDeviceCookie(ctx, reply, await resetPassword(ctx, actorOf(request), request.body))
      return { status: 204 }
    }),
  )
}
