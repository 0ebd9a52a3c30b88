import type { FastifyInstance } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ping } from '../db/connect.ts'
import { AppError } from '../errors.ts'
import { sameSecret } from '../lib/secrets.ts'
import { operation } from './operation.ts'
import { answer } from './schemas.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set when the process is about to stop: it is no longer ready, but still answers. */
    draining: { since: number | null }
  }
}

const Part = Type.Unsafe<'ok' | 'away'>({ type: 'string', enum: ['ok', 'away'] })

const health = operation({
  operationId: 'getHealth',
  tags: ['Operations'],
  limited: false,
  summary: 'The process lives',
  description: 'Answers as long as the process does, whatever the database and the cache do.',
  access: 'public',
  response: {
    200: answer('It lives.', Type.Object({ status: Type.Literal('ok') }, { $id: 'Health' })),
  },
  errors: [],
})

const readiness = operation({
  operationId: 'getReadiness',
  tags: ['Operations'],
  limited: false,
  summary: 'Requests can be served',
  description:
    'Whether the database answers. A cache that is away makes the service slower, not unready.',
  access: 'public',
  response: {
    200: answer('Ready.', Type.Object({ database: Part, cache: Part }, { $id: 'Readiness' })),
  },
  errors: [],
})

const METRICS_EXAMPLE = 'invitree_totals{what="codes_active"} 3\n'

const metrics = operation({
  operationId: 'getMetrics',
  tags: ['Operations'],
  limited: false,
  summary: 'Metrics',
  description: 'In the text form of Prometheus. Needs METRICS_TOKEN as bearer where it is set.',
  access: 'public',
  response: {
    200: {
      description: 'The metrics.',
      content: { 'text/plain': { schema: Type.String({ examples: [METRICS_EXAMPLE] }) } },
    },
  },
  errors: ['unauthorized'],
})

/** While the process drains, each answer is the last on its connection: the client opens the next elsewhere. */
export function closeInOrder(app: FastifyInstance): void {
  app.decorate('draining', { since: null })
  app.addHook('onRequest', (_request, reply, done) => {
    if (app.draining.since !== null) void reply.header('connection', 'close')
    done()
  })
}

/** Health, readiness and metrics. */
export const operationsRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/healthz', health, async (_request, reply) => {
    void reply.header('cache-control', 'no-store')
    return { status: 'ok' as const }
  })

  app.get('/readyz', readiness, async (_request, reply) => {
    void reply.header('cache-control', 'no-store')
    if (app.draining.since !== null) throw new AppError('unavailable')
    await ping(ctx.db)
    const cache: 'ok' | 'away' = (await ctx.cache.ready()) ? 'ok' : 'away'
    return { database: 'ok' as const, cache }
  })

  app.get('/metrics', metrics, async (request, reply) => {
    const { METRICS_TOKEN: token } = ctx.config
    const given = request.headers.authorization ?? ''
    if (token && !sameSecret(given, `Bearer ${token}`)) throw new AppError('unauthorized')
    return reply.type(app.metrics.contentType).send(await app.gatherMetrics())
  })
}
