import type { FastifyPluginAsync } from 'fastify'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import type { Context } from '../context.ts'
import { openApiDocument } from './openapi.ts'

const docs: FastifyPluginAsync<{ ctx: Context }> = async (app, { ctx }) => {
  await app.register(openApiDocument, { ctx })
  if (!ctx.config.DOCS_ENABLED) return
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

/** The documentation for people, from files of npm packages only. */
export const documentation = fp(docs)
