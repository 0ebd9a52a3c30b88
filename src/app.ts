import formbody from '@fastify/formbody'
import fastify, { LogController } from 'fastify'
import { accountRoutes } from './accounts/routes.ts'
import { ensureFirstAdmin } from './accounts/service.ts'
import { adminAuditRoutes } from './admin/audit/routes.ts'
import { adminExportRoutes } from './admin/exports/routes.ts'
import { adminOverviewRoutes } from './admin/overview/routes.ts'
import { adminReviewRoutes } from './admin/reviews/routes.ts'
import { adminUserRoutes } from './admin/users/routes.ts'
import { securityEventRoutes } from './audit/routes.ts'
import { adminCodeRoutes } from './admin/codes/routes.ts'
import { adminJobRoutes } from './admin/jobs/routes.ts'
import { adminReferralRoutes } from './admin/referrals/routes.ts'
import { adminSystemRoutes } from './admin/system/routes.ts'
import { createKeys, rotateKeys } from './auth/keys.ts'
import { authRoutes, discoveryRoutes } from './auth/routes.ts'
import { createAuthenticate, hashing } from './auth/service.ts'
import { sessionCookieRoutes } from './auth/session-cookie.ts'
import { createAccessTokens } from './auth/tokens.ts'
import { check, findLink } from './codes/lookups.ts'
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
import { closeInOrder, operationsRoutes } from './http/operations.ts'
import { countRequests } from './http/metrics.ts'
import { portal } from './http/portal.ts'
import { serializeAnswers } from './http/serializing.ts'
import { validateRequests } from './http/validation.ts'
import { newRequestId } from './lib/ids.ts'
import { explanationRoutes, linkRoutes } from './links/routes.ts'
import { privacyRoutes } from './privacy/routes.ts'
import { recoveryRoutes } from './recovery/routes.ts'
import { referralRoutes } from './referrals/routes.ts'
import { summaryRoutes } from './referrals/summary/routes.ts'

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

  closeInOrder(app)
  const completePaths = completeMethods(app)
  answerErrors(app, ctx)
  guardHeaders(app, ctx)
  countRequests(app, ctx, hashing)
  tagSingleThings(app)
  validateRequests(app)
  serializeAnswers(app)
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
  await app.register(linkRoutes, { ctx, findLink })
  await app.register(explanationRoutes, { ctx, prefix: '/api/v1' })
  await app.register(accountRoutes, { ctx, prefix: '/api/v1' })
  await app.register(privacyRoutes, { ctx, prefix: '/api/v1' })
  await app.register(recoveryRoutes, { ctx, prefix: '/api/v1/auth' })
  await app.register(authRoutes, { ctx, prefix: '/api/v1/auth' })
  await app.register(sessionCookieRoutes, { ctx, prefix: '/api/v1/auth' })
  await app.register(codeRoutes, { ctx, prefix: '/api/v1/referrals' })
  await app.register(referralRoutes, { ctx, prefix: '/api/v1' })
  await app.register(summaryRoutes, { ctx, prefix: '/api/v1' })
  await app.register(securityEventRoutes, { ctx, prefix: '/api/v1' })
  await app.register(adminUserRoutes, { ctx, prefix: '/api/v1/admin/users' })
  await app.register(adminAuditRoutes, { ctx, prefix: '/api/v1/admin/audit' })
  await app.register(portal, { ctx, inviterOf: (code) => inviterOf(ctx, code) })
  await app.register(adminCodeRoutes, { ctx, prefix: '/api/v1/admin' })
  await app.register(adminExportRoutes, { ctx, prefix: '/api/v1/admin' })
  await app.register(adminOverviewRoutes, { ctx, prefix: '/api/v1/admin' })
  await app.register(adminReviewRoutes, { ctx, prefix: '/api/v1/admin' })
  await app.register(adminJobRoutes, { ctx, prefix: '/api/v1/admin' })
  await app.register(adminReferralRoutes, { ctx, prefix: '/api/v1/admin' })
  await app.register(adminSystemRoutes, { ctx, prefix: '/api/v1/admin' })
  completePaths()
  return app
}

// The page of a code that has had its day invites in nobody's name.
async function inviterOf(ctx: Context, code: string): Promise<string | null> {
  const { is_active, referrer_name } = await check(ctx, code)
  return is_active ? referrer_name : null
}

const BODY_MAX = 64 * 1024
const HEADERS_MAX = 8 * 1024
const REQUEST_ID = /^[\w.-]{8,64}$/

function newServer(ctx: Context) {
  return fastify({
    loggerInstance: ctx.log,
    // What is logged of a request names it: a logger of its own costs each a twentieth of a cached read.
    childLoggerFactory: (log) => log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX,
    requestTimeout: 15_000,
    trustProxy: trustedProxies(ctx.config),
    // Node.js looks only every 30 s whether a time is over, which lets the slow stay for so long.
    http: { maxHeaderSize: HEADERS_MAX, headersTimeout: 5000, connectionsCheckingInterval: 1000 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    rewriteUrl,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: HEADERS_MAX },
    frameworkErrors: errorHandler(ctx),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newRequestId()
    },
  })
}

// Fastify takes a number of hops for none at all: the nearest peers are named by their distance instead.
function trustedProxies({ TRUST_PROXY: trusted }: Config) {
  return typeof trusted === 'number' ? (_: string, hop: number) => hop < trusted : trusted
}
