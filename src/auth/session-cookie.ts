import cookies from '@fastify/cookie'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { DAY, SECOND } from '../lib/dates.ts'
import { readDeviceCookie, setDeviceCookie } from '../http/device-cookie.ts'
import { type Actor, actorOf } from '../http/auth.ts'
import { clientOf } from '../http/limits.ts'
import { linkBrowser } from '../links/service.ts'
import type { Token } from './schemas.ts'
import * as schemas from './session-cookie-schemas.ts'
import { type Auth, refresh, revoke } from './sessions.ts'
import { signIn } from './sign-in.ts'

const PATH = '/api/v1/auth/session'
// As long as a session can live at all; when it ends is decided here, not by the browser.
const MAX_AGE_SECONDS = (30 * DAY) / SECOND

/** The session of the portal: its refresh token is a cookie that only this path is sent. */
export const sessionCookieRoutes: FastifyPluginAsyncTypebox<{ ctx: Auth }> = async (
  app,
  { ctx },
) => {
  await app.register(cookies)
  const secure = ctx.config.PUBLIC_URL.startsWith('https:')
  const name = secure ? '__Secure-invitree_session' : 'invitree_session'
  const options = { path: PATH, httpOnly: true, sameSite: 'strict', secure } as const

  function keep(reply: FastifyReply, { refresh_token, ...rest }: Token) {
    void reply.setCookie(name, refresh_token, { ...options, maxAge: MAX_AGE_SECONDS })
    return rest
  }

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    if (request.method !== 'OPTIONS') refuseForeignOrigin(request, ctx.config.PUBLIC_URL)
  })

  app.post('/session', schemas.openSession, async (request, reply) => {
    const { email, username, password } = request.body
    const sender = {
      request_id: request.id,
      client: clientOf(request),
      device_token: readDeviceCookie(request),
    }
    const input = { login: email ?? username ?? '', password, ...sender }
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, 256)
    const device = { client_id: 'portal', user_agent: userAgent }
    const { user_id, tokens, device_token } = await signIn(ctx, input, device)
    setDeviceCookie(ctx, reply, device_token)
    await linkBrowser(ctx, { request, reply }, user_id)
    return keep(reply, tokens)
  })

  app.put('/session', schemas.refreshSession, async (request, reply) => {
    const tokens = await refreshIfOpen(ctx, actorOf(request), request.cookies[name])
    if (tokens) return keep(reply, tokens)
    void reply.clearCookie(name, options)
    throw new AppError('session_ended')
  })

  app.delete('/session', schemas.closeSession, async (request, reply) => {
    const token = request.cookies[name]
    if (token !== undefined) await revoke(ctx, actorOf(request), token)
    return reply.clearCookie(name, options).code(204).send()
  })
}

async function refreshIfOpen(
  ctx: Auth,
  by: Actor,
  token: string | undefined,
): Promise<Token | undefined> {
  if (token === undefined) return undefined
  try {
    return await refresh(ctx, by, token)
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_grant') return undefined
    throw error
  }
}

/**
 * A page of another origin cannot leave these headers out or choose them (Fetch Metadata, RFC 6454). The host
 * that was asked counts as our own too: somebody who tries the service out may have no PUBLIC_URL yet.
 */
function refuseForeignOrigin({ headers, host, protocol }: FastifyRequest, publicUrl: string) {
  const { origin, 'sec-fetch-site': site = 'same-origin' } = headers
  const own = [new URL(publicUrl).origin, `${protocol}://${host}`]
  if (site !== 'same-origin' || origin === undefined || !own.includes(origin)) {
    throw new AppError('foreign_origin')
  }
}
