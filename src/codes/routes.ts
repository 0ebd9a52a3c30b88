import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { actorOf, signedIn } from '../http/auth.ts'
import { answerOnce } from '../http/idempotency.ts'
import { limit, limitGuesses, limitSuccesses } from '../http/limits.ts'
import { linkPages } from '../http/pages.ts'
import { parseEmail } from '../lib/email.ts'
import { check, findActiveByEmail, findAvailability } from './lookups.ts'
import { findActiveCode } from './queries.ts'
import * as schemas from './schemas.ts'
import { create, extend, list, replace, retire, retireActive, withUrl } from './service.ts'

const LOCATION = '/api/v1/referrals/codes/'
const HELD = 'public, max-age=1'

export const codeRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (app, { ctx }) => {
  app.post('/code', schemas.createCode, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { id } = signedIn(request)
      const body = await limitSuccesses(ctx, request, [['create_code', id]], () =>
        create(ctx, id, request.body),
      )
      return { status: 201, location: LOCATION + body.code, body }
    }),
  )

  app.put('/code', schemas.replaceCode, async (request, reply) => {
    const { id } = signedIn(request)
    const code = await limitSuccesses(ctx, request, [['create_code', id]], () =>
      replace(ctx, id, request.body),
    )
    return reply
      .code(201)
      .header('location', LOCATION + code.code)
      .send(code)
  })

  app.get('/code', schemas.getCode, async (request) => {
    const code = await findActiveCode(ctx.db, signedIn(request).id)
    if (!code) throw new AppError('code_not_found')
    return withUrl(ctx, code)
  })

  app.patch('/code', schemas.extendCode, async (request) =>
    extend(ctx, signedIn(request).id, request.body),
  )

  app.delete('/code', schemas.retireActiveCode, async (request, reply) => {
    await retireActive(ctx, signedIn(request).id)
    return reply.code(204).send()
  })

  app.get('/codes', schemas.listCodes, async (request, reply) => {
    return linkPages(request, reply, await list(ctx, signedIn(request).id, request.query))
  })

  app.delete('/codes/:code', schemas.retireCode, async (request, reply) => {
    const by = { principal: signedIn(request), actor: actorOf(request) }
    await retire(ctx, by, request.params.code)
    return reply.code(204).send()
  })

  app.get('/codes/:code', schemas.checkCode, async (request, reply) => {
    void reply.header('cache-control', HELD)
    return limitGuesses(ctx, { request, reply }, () => check(ctx, request.params.code))
  })

  app.get('/codes/:code/availability', schemas.getCodeAvailability, async (request, reply) => {
    const { id } = signedIn(request)
    await limit(ctx, { request, reply }, () => [['wanted_code', id]])
    return findAvailability(ctx, request.params.code)
  })

  app.get('/codes/:code/qr', schemas.getCodeQr, async (request, reply) => {
    const found = await limitGuesses(ctx, { request, reply }, () => check(ctx, request.params.code))
    const { url } = withUrl(ctx, found)
    const { default: QRCode } = await import('qrcode')
    void reply.header('cache-control', 'public, max-age=3600')
    if (request.query.format === 'png') {
      return reply.type('image/png').send(await QRCode.toBuffer(url, { width: 512 }))
    }
    return reply.type('image/svg+xml').send(await QRCode.toString(url, { type: 'svg' }))
  })

  app.get('/code-by-email', schemas.findCodeByEmail, async (request, reply) => {
    const { CODE_LOOKUP } = ctx.config
    if (CODE_LOOKUP === 'off') throw new AppError('code_not_found')
    if (CODE_LOOKUP === 'authenticated') signedIn(request)
    else if (!request.principal) void reply.header('cache-control', HELD)
    const { email } = request.query
    if (!request.principal) {
      await limit(ctx, { request, reply }, (client) => [
        ['code_by_email_minute', client],
        ['code_by_email_hour', client],
        ['code_by_email_day', client],
        ['code_by_email_target', parseEmail(email)?.key ?? email],
      ])
    }
    return findActiveByEmail(ctx, email)
  })
}
