import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { actorOf, signedIn } from '../http/auth.ts'
import { readDeviceCookie, setDeviceCookie } from '../http/device-cookie.ts'
import { answerOnce } from '../http/idempotency.ts'
import { clientOf } from '../http/limits.ts'
import { linkBrowser } from '../links/service.ts'
import { listSessions } from './queries.ts'
import * as schemas from './schemas.ts'
import { changePassword } from './service.ts'
import { type Auth, endOtherSessions, endSession, refresh, revoke } from './sessions.ts'
import { signIn } from './sign-in.ts'

export const authRoutes: FastifyPluginAsyncTypebox<{ ctx: Auth }> = async (app, { ctx }) => {
  const passwordGrant = ctx.config.OAUTH_PASSWORD_GRANT === 'on'

  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
  })

  app.post('/login', schemas.login, async (request, reply) => {
    const { email, username, password, client_id } = request.body
    const input = { login: email ?? username ?? '', password, ...senderOf(request) }
    const { user_id, tokens, device_token } = await signIn(ctx, input, device(request, client_id))
    setDeviceCookie(ctx, reply, device_token)
    await linkBrowser(ctx, { request, reply }, user_id)
    return tokens
  })

  app.post('/token', schemas.token, async (request, reply) => {
    const { grant_type, username, password, refresh_token, client_id } = request.body
    const grant = grant_type || (username === undefined ? undefined : 'password')
    if (grant === 'password' && passwordGrant) {
      const login = required('username', username)
      const given = { login, password: required('password', password) }
      const input = { ...given, ...senderOf(request) }
      const from = device(request, client_id)
      // RFC 6749 knows no 401 for wrong sign-in data: the grant is refused.
      const { user_id, tokens, device_token } = await signIn(ctx, input, from, 'invalid_grant')
      setDeviceCookie(ctx, reply, device_token)
      await linkBrowser(ctx, { request, reply }, user_id)
      return tokens
    }
    if (grant === 'refresh_token') {
      return refresh(ctx, actorOf(request), required('refresh_token', refresh_token))
    }
    required('grant_type', grant)
    throw new AppError('unsupported_grant_type')
  })

  app.post('/revoke', schemas.revoke, async (request, reply) => {
    await revoke(ctx, actorOf(request), request.body.token)
    return reply.code(200).send()
  })

  app.get('/sessions', schemas.listSessions, async (request) => {
    const { id, session_id } = signedIn(request)
    const sessions = await listSessions(ctx.db, id)
    return {
      items: sessions.map((session) => ({ ...session, is_current: session.id === session_id })),
    }
  })

  app.delete('/sessions', schemas.endOtherSessions, async (request, reply) => {
    await endOtherSessions(ctx, actorOf(request), signedIn(request))
    return reply.code(204).send()
  })

  app.delete('/sessions/:id', schemas.endSession, async (request, reply) => {
    const which = { userId: signedIn(request).id, sessionId: request.params.id }
    await endSession(ctx, actorOf(request), which)
    return reply.code(204).send()
  })

  app.post('/change-password', schemas.changePassword, (request, reply) =>
    answerOnce(ctx, { request, reply }, async (ctx) => {
      const { body } = request
      const known = await changePassword(ctx, actorOf(request), signedIn(request), body)
      setDeviceCookie(ctx, reply, known)
      return { status: 204 }
    }),
  )
}

/** Where a client finds the endpoints (RFC 8414) and the keys that tokens are verified with (RFC 7517). */
export const discoveryRoutes: FastifyPluginAsyncTypebox<{ ctx: Auth }> = async (app, { ctx }) => {
  const { PUBLIC_URL: issuer, OAUTH_PASSWORD_GRANT } = ctx.config
  const auth = `${issuer}/api/v1/auth`

  app.get('/.well-known/oauth-authorization-server', schemas.metadata, async (_request, reply) => {
    void reply.header('cache-control', 'public, max-age=3600')
    return {
      issuer,
      token_endpoint: `${auth}/token`,
      revocation_endpoint: `${auth}/revoke`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      grant_types_supported: [
        ...(OAUTH_PASSWORD_GRANT === 'on' ? ['password'] : []),
        'refresh_token',
      ],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['none'],
      revocation_endpoint_auth_methods_supported: ['none'],
      scopes_supported: ['user', 'admin'],
      service_documentation: `${issuer}/docs`,
    }
  })

  app.get('/.well-known/jwks.json', schemas.jwks, async (_request, reply) => {
    void reply.header('cache-control', 'public, max-age=60')
    return ctx.tokens.jwks()
  })
}

const senderOf = (request: FastifyRequest) => ({
  request_id: request.id,
  client: clientOf(request),
  device_token: readDeviceCookie(request),
})

// RFC 6749, section 3.1: a parameter without a value is one left out.
function device(request: FastifyRequest, clientId: string | undefined) {
  const userAgent = request.headers['user-agent'] ?? ''
  return { client_id: clientId || 'invitree', user_agent: userAgent.slice(0, 256) }
}

function required(name: string, value: string | undefined): string {
  if (value) return value
  throw new AppError('invalid_request', { params: { reason: `The parameter ${name} is missing.` } })
}
