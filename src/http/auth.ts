import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

/** Who is signed in, as every room sees them. */
export interface Principal {
  id: string
  session_id: string
  role: 'user' | 'admin'
}

/** Turns an access token into its user; `fresh` asks the database now. Throws `invalid_token`. */
export type Authenticate = (token: string, options: { fresh: boolean }) => Promise<Principal>

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}

const TOKEN_MAX = 4096

/** Signs a request in by its bearer token where the operation asks for it (RFC 6750). */
export function signInRequests(app: FastifyInstance, authenticate: Authenticate) {
  app.decorateRequest('principal', null)
  app.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config
    if (access === undefined || access === 'public') return
    const token = bearerToken(request)
    if (token === undefined) {
      if (access === 'user') throw new AppError('unauthorized')
      return
    }
    if (token.length > TOKEN_MAX) throw new AppError('invalid_token')
    // A session that has ended may read for some seconds more, but never write.
    const fresh = request.method !== 'GET' && request.method !== 'HEAD'
    request.principal = await authenticate(token, { fresh })
    void reply.header('cache-control', 'no-store')
  })
}

/** The signed-in user of an operation whose access is `user`. */
export function signedIn(request: FastifyRequest): Principal {
  if (!request.principal) throw new AppError('unauthorized')
  return request.principal
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  const match = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')
  return match?.[1]
}
