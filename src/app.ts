import formbody from '@fastify/formbody'
import fastify, { LogController } from 'fastify'
import { accountPages } from './accounts/pages.ts'
import { accountRoutes } from './accounts/routes.ts'
import { ensureFirstAdmin } from './accounts/service.ts'
import { createKeys, rotateKeys } from './auth/keys.ts'
import { authRoutes, discoveryRoutes } from './auth/routes.ts'
import { createAuthenticate, hashing } from './auth/service.ts'
import { createAccessTokens } from './auth/tokens.ts'
import { codeRoutes } from './codes/routes.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { tagSingleThings } from './http/etags.ts'
import { fillAliasedBodies, rewriteUrl } from './http/aliases.ts'
import { signInRequests } from './http/auth.ts'
import { readJsonBodies } from './http/body.ts'
import { documentation } from './http/docs.ts'
import { answerErrors, errorHandler } from './http/errors.ts'
import { guardHeaders } from './http/headers.ts'
import { forgetOldAnswers } from './http/idempotency.ts'
import { limitRequest } from './http/limits.ts'
import { completeMethods } from './http/methods.ts'
import { operationsRoutes } from './http/operations.ts'
import { countRequests } from './http/metrics.ts'
import { validateRequests } from './http/validation.ts'
import { newId } from './lib/ids.ts'
import { referralRoutes } from './referrals/routes.ts'

/** What must be in the database before the first request: the signing keys and the administrator. */
export async function prepare(ctx: Context): Promise<void> {
  await rotateKeys(ctx)
  await ensureFirstAdmin(ctx)
}

/** The HTTP application, not yet listening. `serve` listens; tests call inject. */
export async function buildApp(base: Context) {
  const tokens = createAccessTokens(base, createKeys(base))
  const ctx = { ...base, tokens }
  const app = newServer(ctx)

  app.decorate('draining', { since: null })
  const completePaths = completeMethods(app)
  answerErrors(app, ctx)
  guardHeaders(app, ctx)
  countRequests(app, ctx, hashing)
  tagSingleThings(app)
  validateRequests(app)
  readJsonBodies(app)
  fillAliasedBodies(app)
  signInRequests(app, createAuthenticate(ctx), (request, reply) =>
    limitRequest(ctx, request, reply),
  )
  forgetOldAnswers(app, ctx)
  await app.register(formbody, { bodyLimit: BODY_MAX })
  await app.register(documentation, { ctx })

  await app.register(operationsRoutes, { ctx })
  await app.register(discoveryRoutes, { ctx })
  await app.register(accountPages, { ctx })
  await app.register(accountRoutes, { ctx, prefix: '/api/v1' })
  await app.register(authRoutes, { ctx, prefix: '/api/v1/auth' })
  await app.register(codeRoutes, { ctx, prefix: '/api/v1/referrals' })
  await app.register(referralRoutes, { ctx, prefix: '/api/v1' })
  completePaths()
  return app
}

const BODY_MAX = 64 * 1024
const REQUEST_ID = /^[\w.-]{8,64}$/

function newServer(ctx: Context) {
  return fastify({
    loggerInstance: ctx.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX,
    requestTimeout: 15_000,
    trustProxy: trustedProxies(ctx.config),
    http: { maxHeaderSize: 8 * 1024, headersTimeout: 5000 },
    forceCloseConnections: 'idle',
    rewriteUrl,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    frameworkErrors: errorHandler(ctx),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId()
    },
  })
}

// Fastify takes a number of hops for none at all: the nearest peers are named by their distance instead.
function trustedProxies({ TRUST_PROXY: trusted }: Config) {
  return typeof trusted === 'number' ? (_: string, hop: number) => hop < trusted : trusted
}
