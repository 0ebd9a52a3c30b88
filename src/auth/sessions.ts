import { record } from '../audit/service.ts'
import { type Context, inTransaction } from '../context.ts'
import { isLost } from '../db/failures.ts'
import { AppError } from '../errors.ts'
import type { Actor, Principal } from '../http/auth.ts'
import { parseId } from '../lib/ids.ts'
import * as queries from './queries.ts'
import type { Token } from './schemas.ts'
import { type AccessTokens, readRefreshToken, writeRefreshToken } from './tokens.ts'

/** What the operations on tokens need besides the context. */
export interface Auth extends Context {
  tokens: AccessTokens
}

/**
 * Exchanges a refresh token for new ones. Each is good once; the one just spent answers the same
 * successor for 10 s (the reply may have been lost); any other use ends the session.
 */
export async function refresh(ctx: Auth, by: Actor, refreshToken: string): Promise<Token> {
  const given = readRefreshToken(ctx, refreshToken)
  if (!given) throw new AppError('invalid_grant')
  const session =
    (await rotate(ctx, given)) ?? (await queries.findRotated(ctx.db, given.id, given.counter))
  if (!session) {
    await inTransaction(ctx, async (ctx) => {
      const [ended] = await queries.revokeSessions(ctx.db, { id: given.id })
      if (ended?.was_open) await tellEnded(ctx, by, ended, { reason: 'token_reused' })
    })
    throw new AppError('invalid_grant')
  }
  return tokensOf(ctx, session)
}

// A statement of its own is committed by the server: lost on its way, nobody knows whether it was.
function rotate(ctx: Auth, { id, counter }: { id: string; counter: number }) {
  return queries
    .rotateSession(ctx.db, id, counter, ctx.config.REFRESH_TOKEN_TTL)
    .catch((error: unknown) => {
      throw isLost(error) ? new AppError('outcome_unknown', { cause: error }) : error
    })
}

/** Ends the session of a refresh or access token (RFC 7009); an unknown token is no error. */
export async function revoke(ctx: Auth, by: Actor, token: string): Promise<void> {
  const id = readRefreshToken(ctx, token)?.id ?? (await ctx.tokens.verify(token).catch(unknown))
  if (id === undefined) return
  await inTransaction(ctx, async (ctx) => {
    const [ended] = await queries.revokeSessions(ctx.db, { id })
    if (ended?.was_open) await tellEnded(ctx, { ...by, id: ended.user_id }, ended)
  })
}

/** Ends one session of the user; throws `session_not_found` for a stranger's as for a missing one. */
export function endSession(
  ctx: Context,
  by: Actor,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  const id = parseId(sessionId)
  return inTransaction(ctx, async (ctx) => {
    const [ended] = id ? await queries.revokeSessions(ctx.db, { id, userId }) : []
    if (!ended) throw new AppError('session_not_found')
    await tellEnded(ctx, by, ended)
  })
}

/** Ends every session of whoever asks but the one of this request. */
export function endOtherSessions(ctx: Context, by: Actor, principal: Principal): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    const which = { userId: principal.id, except: principal.session_id }
    const { length: sessions } = await queries.revokeSessions(ctx.db, which)
    if (sessions === 0) return
    const event = { user_id: principal.id, details: { sessions } }
    await record(ctx, by, { action: 'account.session_ended', ...event })
  })
}

/** The tokens of a session, the refresh token with its present counter. */
export async function tokensOf(
  ctx: Auth,
  session: {
    id: string
    counter: number
    user_id: string
    role: string
    client_id: string
    created_at: Date
  },
): Promise<Token> {
  const scope = session.role === 'admin' ? 'user admin' : 'user'
  const access_token = await ctx.tokens.sign({
    sub: session.user_id,
    sid: session.id,
    client_id: session.client_id,
    scope,
    auth_time: Math.floor(session.created_at.getTime() / 1000),
  })
  return {
    access_token,
    token_type: 'Bearer',
    expires_in: ctx.config.ACCESS_TOKEN_TTL,
    refresh_token: writeRefreshToken(ctx, session.id, session.counter),
    scope,
  }
}

function tellEnded(
  ctx: Context,
  by: Actor,
  session: { id: string; user_id: string },
  details: { reason?: string } = {},
): Promise<void> {
  const { id: target_id, user_id } = session
  return record(ctx, by, { action: 'account.session_ended', user_id, target_id, details })
}

// RFC 7009 calls a token that we do not know no error; a database that is away is one.
function unknown(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === 'invalid_token')) throw error
}
