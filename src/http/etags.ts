import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/** A weak ETag on operations that answer a single thing, and 304 when the client has it (RFC 9110). */
export function tagSingleThings(app: FastifyInstance) {
  app.addHook('onSend', async (request, reply, payload) => {
    if (!request.routeOptions.config.etag || reply.statusCode !== 200) return payload
    if (typeof payload !== 'string') return payload
    const tag = `W/"${hash('sha1', payload, 'base64url')}"`
    void reply.header('etag', tag)
    if (!matches(request.headers['if-none-match'], tag)) return payload
    void reply.code(304)
    return ''
  })
}

const strong = (tag: string) => tag.trim().replace(/^W\//, '')

function matches(header: string | undefined, tag: string): boolean {
  if (!header) return false
  return header === '*' || header.split(',').some((one) => strong(one) === strong(tag))
}
