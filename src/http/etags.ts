import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/** A weak ETag on operations that answer a single thing, and 304 when the client has it (RFC 9110). */
export function tagSingleThings(app: FastifyInstance) {
  app.addHook('onSend', (request, reply, payload, done) => {
    const tagged = request.routeOptions.config.etag && reply.statusCode === 200
    if (!tagged || typeof payload !== 'string') return done(null, payload)
    const tag = `W/"${hash('sha1', payload, 'base64url')}"`
    void reply.header('etag', tag)
    if (!matches(request.headers['if-none-match'], tag)) return done(null, payload)
    void reply.code(304)
    done(null, '')
  })
}

const strong = (tag: string) => tag.trim().replace(/^W\//, '')

function matches(header: string | undefined, tag: string): boolean {
  if (!header) return false
  return header === '*' || header.split(',').some((one) => strong(one) === strong(tag))
}
