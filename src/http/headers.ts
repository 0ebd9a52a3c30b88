import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'

const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The security headers of every answer, and the refusal of requests whose target is ambiguous. */
export function guardHeaders(app: FastifyInstance, { config }: Context) {
  const https = config.PUBLIC_URL.startsWith('https:')
  const headers = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': API_POLICY,
    ...(https && { 'strict-transport-security': 'max-age=31536000' }),
  }
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id).headers(headers)
    refuseAmbiguousTarget(request.raw.rawHeaders, request.originalUrl)
    done()
  })
}

function refuseAmbiguousTarget(rawHeaders: string[], target: string): void {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1) {
    throw new AppError('malformed_request', { params: { reason: 'two Host headers' } })
  }
  if (!target.startsWith('/')) {
    throw new AppError('malformed_request', { params: { reason: 'the target is not a path' } })
  }
}
