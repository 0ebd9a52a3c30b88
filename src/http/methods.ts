import type { FastifyInstance, HTTPMethods } from 'fastify'
import { AppError } from '../errors.ts'

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * Answers OPTIONS with 204 and the methods that a path does not have with 405, both with `Allow`.
 * Register it before the rooms; it completes each path once they are all there.
 */
export function completeMethods(app: FastifyInstance) {
  const methodsOf = new Map<string, Set<HTTPMethods>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    methodsOf.set(url, methods)
  })
  return () => {
    // A copy: completing a path adds routes, which are noted in the map too.
    for (const [url, methods] of Array.from(methodsOf)) complete(app, url, methods)
  }
}

function complete(app: FastifyInstance, url: string, methods: Set<HTTPMethods>): void {
  if (url.includes('*')) return
  const allowed = new Set<HTTPMethods>([...methods, 'OPTIONS'])
  const allow = METHODS.filter((method) => allowed.has(method)).join(', ')
  const missing = METHODS.filter((method) => !methods.has(method))
  app.route({
    url,
    method: missing,
    exposeHeadRoute: false,
    schema: { hide: true },
    onRequest: async (request, reply) => {
      void reply.header('allow', allow)
      if (request.method === 'OPTIONS') return reply.code(204).send()
      throw new AppError('method_not_allowed')
    },
    handler: () => {},
  })
}
