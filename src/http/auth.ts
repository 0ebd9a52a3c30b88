import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

/** Who is signed in, as every room sees them. */
export interface Principal {
  id: string
  session_id: string
  role: 'user' | 'admin'
}

/** Who asks for a change, and by which request, as the audit trail names them. */
export interface Actor {
  /** Null where nobody is signed in: by a mailed link, on the command line, by a job. */
  id: string | null
  request_id: string
}

/** Turns an access token into its user; `fresh` asks the database now. Throws `invalid_token`. */
export type Authenticate = (token: string, options: { fresh: boolean }) => Promise<Principal>

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}

/**
 * Signs a request in by its bearer token where the operation asks for it (RFC 6750). `count` is told every
 * request once it is known whose it is, refused ones too, and may refuse it.
 */
export function signInRequests(
  app: FastifyInstance,
  authenticate: Authenticate,
  count: (request: FastifyRequest, reply: FastifyReply) => void,
) {
  app.decorateRequest('principal', null)
  app.decorateRequest('limits', null)
  // Who comes without a token waits for nothing: a promise for each would cost cached reads some of their speed.
  app.addHook('onRequest', (request, reply, goOn) => {
    if (isAnonymous(request)) {
      count(request, reply)
      return goOn()
    }
    signIn(request, reply)
      .finally(() => count(request, reply))
      .then(() => goOn(), goOn)
  })

  async function signIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { access } = request.routeOptions.config
    const token = bearerToken(request)
    if (token === undefined) throw new AppError('unauthorized')
    // A session that has ended may read for some seconds more, but never write.
    const fresh = request.method !== 'GET' && request.method !== 'HEAD'
    request.principal = await authenticate(token, { fresh })
    void reply.header('cache-control', 'no-store')
    if (access === 'admin' && request.principal.role !== 'admin') throw new AppError('admin_only')
  }
}

/** The signed-in user of an operation whose access is `user` or `admin`. */
export function signedIn(request: FastifyRequest): Principal {
  if (!request.principal) throw new AppError('unauthorized')
  return request.principal
}

export const actorOf = (request: FastifyRequest): Actor => ({
  id: request.principal?.id ?? null,
  request_id: request.id,
})

/** Whether a request is answered as anybody's: no token is asked for, or none is given where it may be. */
function isAnonymous(request: FastifyRequest): boolean {
  const { access = 'public' } = request.routeOptions.config
  return access === 'public' || (access === 'optional' && !BEARER.test(authorizationOf(request)))
}

const BEARER = /^bearer\b/i
const authorizationOf = ({ headers }: FastifyRequest) => headers.authorization ?? ''

// Another scheme is no sign-in at all; a bearer token that cannot be read, or a second header, is a wrong one.
function bearerToken(request: FastifyRequest): string | undefined {
  const given = authorizationOf(request)
  if (!BEARER.test(given)) return undefined
  const token = /^bearer +(\S+)$/i.exec(given)?.[1]
  if (token === undefined || hasSecond(request.raw.rawHeaders)) throw new AppError('invalid_token')
  return token
}

const hasSecond = (rawHeaders: string[]) =>
  rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization').length > 1
