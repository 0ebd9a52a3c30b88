import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { rememberRecent } from '../lib/memory.ts'

/** A weak ETag on operations that answer a single thing, and 304 when the client has it (RFC 9110). */
export function tagSingleThings(app: FastifyInstance) {
  app.addHook('onSend', (request, reply, payload, done) => {
    const tagged = request.routeOptions.config.etag && reply.statusCode === 200
    if (!tagged || typeof payload !== 'string') return done(null, payload)
    // What somebody signed in is shown is kept nowhere.
    const isKept = request.principal === null && payload.length <= KEPT_MAX
    const tag = isKept ? recentTagOf(payload) : tagOf(payload)
    void reply.header('etag', tag)
    if (!matches(request.headers['if-none-match'], tag)) return done(null, payload)
    void reply.code(304)
    done(null, '')
  })
}

const tagOf = (payload: string): string => `W/"${hash('sha1', payload, 'base64url')}"`

// What everybody may see is asked for again and again, and hashing it takes a tenth of its time.
const recentTagOf = rememberRecent(1000, tagOf)
const KEPT_MAX = 1000

const strong = (tag: string) => tag.trim().replace(/^W\//, '')

function matches(header: string | undefined, tag: string): boolean {
  if (!header) return false
  return header === '*' || header.split(',').some((one) => strong(one) === strong(tag))
}
