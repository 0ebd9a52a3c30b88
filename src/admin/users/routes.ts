import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { listEvents } from '../../audit/service.ts'
import { listSessions } from '../../auth/service.ts'
import type { Context } from '../../context.ts'
import { actorOf, signedIn } from '../../http/auth.ts'
import { answerOnce } from '../../http/idempotency.ts'
import { linkPages } from '../../http/pages.ts'
import * as schemas from './schemas.ts'
import * as service from './service.ts'

export const adminUserRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/', schemas.listUsers, async (request, reply) => {
    return linkPages(request, reply, await service.list(ctx, request.query))
  })

  app.post('/invite', schemas.inviteUser, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const admin = adminOf(request)
      const { user, created } = await service.inviteUser(ctx, admin, request.body)
      const location = `/api/v1/admin/users/${user.id}`
      return { status: created ? 201 : 200, location, body: user, about: user.id }
    }),
  )

  app.get('/:user_id', schemas.getUser, async (request) =>
    service.getDetail(ctx, signedIn(request), request.params.user_id),
  )

  app.patch('/:user_id', schemas.changeRole, async (request) => {
    const { user_id } = request.params
    await service.changeRole(ctx, adminOf(request), user_id, request.body.role)
    return service.getDetail(ctx, signedIn(request), user_id)
  })

  app.delete('/:user_id', schemas.eraseUser, async (request, reply) => {
    await service.erase(ctx, adminOf(request), request.params.user_id)
    return reply.code(204).send()
  })

  app.get('/:user_id/sessions', schemas.listUserSessions, async (request) => {
    const id = await service.getId(ctx, signedIn(request), request.params.user_id)
    return { items: await listSessions(ctx.db, id) }
  })

  app.delete('/:user_id/sessions', schemas.endUserSessions, async (request, reply) => {
    await service.endSessions(ctx, adminOf(request), request.params.user_id)
    return reply.code(204).send()
  })

  app.get('/:user_id/audit', schemas.listUserAudit, async (request, reply) => {
    const principal = signedIn(request)
    const user_id = await service.getId(ctx, principal, request.params.user_id)
    const events = await listEvents(ctx, principal, { ...request.query, user_id })
    return linkPages(request, reply, events)
  })

  app.post('/:user_id/block', schemas.blockUser, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { params, body } = request
      await service.block(ctx, adminOf(request), params.user_id, body.reason)
      return { status: 204 }
    }),
  )

  app.post('/:user_id/unblock', schemas.unblockUser, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await service.unblock(ctx, adminOf(request), request.params.user_id)
      return { status: 204 }
    }),
  )

  app.post('/:user_id/reset-password', schemas.sendUserReset, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      await service.sendReset(ctx, adminOf(request), request.params.user_id)
      return { status: 202 }
    }),
  )
}

const adminOf = (request: FastifyRequest): service.Admin => ({
  principal: signedIn(request),
  by: actorOf(request),
})
