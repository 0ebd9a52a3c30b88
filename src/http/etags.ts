import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import QuickLRU from 'quick-lru'

// The answers that are cached are asked for again and again: to hash one takes a tenth of its time.
const recent = new QuickLRU<string, string>({ maxSize: 1000 })
const LONGEST_REMEMBERED = 1000

/** A weak ETag on operations that answer a single thing, and 304 when the client has it (RFC 9110). */
export function tagSingleThings(app: FastifyInstance) {
  app.addHook('onSend', (request, reply, payload, done) => {
    const tagged = request.routeOptions.config.etag && reply.statusCode === 200
    if (!tagged || typeof payload !== 'string') return done(null, payload)
    const tag = tagOf(payload)
    void reply.header('etag', tag)
    if (!matches(request.headers['if-none-match'], tag)) return done(null, payload)
    void reply.code(304)
    done(null, '')
  })
}

function tagOf(payload: string): string {
  const known = recent.get(payload)
  if (known) return known
  const made = `W/"${hash('sha1', payload, 'base64url')}"`
  if (payload.length <= LONGEST_REMEMBERED) recent.set(payload, made)
  return made
}

const strong = (tag: string) => tag.trim().replace(/^W\//, '')

function matches(header: string | undefined, tag: string): boolean {
  if (!header) return false
  return header === '*' || header.split(',').some((one) => strong(one) === strong(tag))
}
