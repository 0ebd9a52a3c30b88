import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Context } from '../context.ts'
import { isUnavailable } from '../db/failures.ts'
import { AppError, type ErrorCode, type ErrorKind, errorText } from '../errors.ts'
import { SECOND } from '../lib/dates.ts'
import { namelessReason } from '../lib/reasons.ts'
import { RateLimited } from '../limits/limits.ts'
import type { Locale } from '../words/catalogue.ts'
import { showLimits } from './limits.ts'
import { type FieldError, fieldsOf, fieldText, InvalidFields } from './validation.ts'

export const STATUS: Record<ErrorKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  gone: 410,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
}

/** Every error has this one shape: RFC 9457, with our stable `code`. */
export function answerErrors(app: FastifyInstance, ctx: Context) {
  app.setErrorHandler(errorHandler(ctx))
  app.setNotFoundHandler(() => {
    throw new AppError('not_found')
  })
}

/** Answers a failure, also one that the router meets before there is a route. */
export function errorHandler(ctx: Context) {
  const report = createReport(ctx)
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const found = translate(error, request)
    const oauth = request.routeOptions?.config.oauth ?? false
    const status = statusOf(found.kind, oauth)
    if (status >= 500) report(request, found)
    noteUndeclared(ctx, request, found.code)
    const problem = describe(ctx, found, fieldErrors(error, found), request)
    setHeaders(reply, found, request)
    if (found instanceof RateLimited) showLimits(request, reply, found.taken)
    void reply
      .code(status)
      .type(oauth ? 'application/json' : 'application/problem+json')
      .serializer(JSON.stringify)
      .send(oauth ? asOAuth(problem) : problem)
  }
}

/** RFC 6749, section 5.2 knows 400 only for a request that is not valid. */
export const statusOf = (kind: ErrorKind, oauth: boolean) =>
  oauth && (kind === 'invalid' || kind === 'forbidden') ? 400 : STATUS[kind]

/** The language that the client prefers among ours. */
export function localeOf(request: FastifyRequest, ctx: Context): Locale {
  if (!request.headers['accept-language']) return ctx.config.DEFAULT_LOCALE
  const [wanted] = new Negotiator(request.raw).languages(['en', 'ru'])
  return wanted === 'ru' ? 'ru' : wanted === 'en' ? 'en' : ctx.config.DEFAULT_LOCALE
}

function translate(error: FastifyError, { raw }: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  // The client went away, which looks like a lost connection of our own.
  if (raw.readableAborted)
    return new AppError('malformed_request', { params: { reason: 'cut off' } })
  if (error.validation) return new AppError('validation_failed')
  if (isUnavailable(error)) return new AppError('unavailable', { cause: error })
  const code = FASTIFY_CODES[error.code]
  if (code) return new AppError(code)
  if (error.statusCode && error.statusCode < 500) {
    return new AppError('malformed_request', { params: { reason: error.message } })
  }
  return new AppError('internal_error', { cause: error })
}

const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
}

function fieldErrors(error: FastifyError, found: AppError): FieldError[] | undefined {
  if (error instanceof InvalidFields) return error.fields
  if (error.validation) return fieldsOf(error.validation, error.validationContext)
  return found.pointer === undefined
    ? undefined
    : [{ pointer: found.pointer, code: found.code, params: found.params }]
}

function describe(
  ctx: Context,
  found: AppError,
  fields: FieldError[] | undefined,
  request: FastifyRequest,
) {
  const locale = localeOf(request, ctx)
  const { title, detail } = errorText(found.code, locale, found.params)
  const named = fields?.map((field) => ({
    pointer: field.pointer,
    code: field.code,
    detail: field.code === found.code ? detail : fieldText(field, locale),
  }))
  return {
    type: `${ctx.config.PUBLIC_URL}/docs/errors#${found.code}`,
    title,
    status: STATUS[found.kind],
    detail: found.code === 'validation_failed' && named ? summarize(named) : detail,
    instance: request.originalUrl.split('?')[0] ?? '',
    code: found.code,
    request_id: request.id,
    ...(named && { errors: named }),
  }
}

const summarize = (fields: { pointer: string; detail: string }[]) =>
  fields.map(({ pointer, detail }) => `${pointer || 'body'}: ${detail}`).join(' ')

function setHeaders(reply: FastifyReply, { kind, code }: AppError, request: FastifyRequest): void {
  void reply.header('x-request-id', request.id)
  // That something is not there holds for everybody; other failures are this client's alone.
  if (kind !== 'not_found') void reply.header('cache-control', 'no-store')
  if (kind === 'unavailable' || code === 'idempotency_in_progress') {
    void reply.header('retry-after', '1')
  }
  if (kind !== 'unauthenticated') return
  const error = code === 'invalid_token' ? ', error="invalid_token"' : ''
  if (!request.routeOptions.config.oauth) {
    void reply.header('www-authenticate', `Bearer realm="invitree"${error}`)
  }
}

// RFC 6749, section 5.2; what a grant cannot be blamed for keeps a code of our own.
const OAUTH_ERRORS: Partial<Record<ErrorCode, string>> = {
  invalid_grant: 'invalid_grant',
  email_not_verified: 'invalid_grant',
  unsupported_grant_type: 'unsupported_grant_type',
  rate_limited: 'temporarily_unavailable',
  overloaded: 'temporarily_unavailable',
  unavailable: 'temporarily_unavailable',
  outcome_unknown: 'temporarily_unavailable',
  internal_error: 'server_error',
}

/** A problem as the token endpoints answer it. */
export function asOAuth(problem: Omit<ReturnType<typeof describe>, 'type'>) {
  const { code, detail, request_id, errors } = problem
  const error = OAUTH_ERRORS[code] ?? 'invalid_request'
  // RFC 6749 allows ASCII without quotation marks only.
  const error_description = errorText(code, 'en').title
  return { error, error_description, detail, code, request_id, ...(errors && { errors }) }
}

// Of what will pass, such as an outage, thousands may come in a minute: a line each, and no stack. Those that are
// turned away have a line a second together: one each would be work when there is too much of it.
function createReport({ log }: Context) {
  let turnedAway = 0
  const tellTurnedAway = () => {
    log.warn({ code: 'overloaded', requests: turnedAway }, 'requests turned away in a second')
    turnedAway = 0
  }
  return ({ id: reqId }: FastifyRequest, found: AppError): void => {
    const { code, cause } = found
    if (code === 'overloaded') {
      if (turnedAway++ === 0) setTimeout(tellTurnedAway, SECOND).unref()
    } else if (found.kind === 'internal') {
      log.error({ reqId, err: cause ?? found, code }, 'request failed')
    } else {
      log.warn({ reqId, code, reason: namelessReason(cause ?? found) }, 'request failed')
    }
  }
}

function noteUndeclared({ log }: Context, request: FastifyRequest, code: ErrorCode): void {
  const config = request.routeOptions?.config
  if (config?.errors && !config.errors.includes(code)) {
    const { url: route } = request.routeOptions
    log.error({ reqId: request.id, code, route }, 'undeclared error code')
  }
}
