import type { TSchema } from 'typebox'
import type { ErrorCode } from '../errors.ts'

export type Access = 'public' | 'optional' | 'user'

/** What the document says of an operation besides its schemas. */
export interface Declared {
  errors: readonly ErrorCode[]
  oauth: boolean
}

interface Spec {
  operationId: string
  tags: [string]
  summary: string
  description: string
  /** Who may call it: anybody, anybody but known when signed in, or signed-in users. */
  access: Access
  /** Codes it answers besides those that its shape implies (see `impliedErrors`). */
  errors: readonly ErrorCode[]
  /** Errors in the form of RFC 6749, section 5.2, too. */
  oauth?: true
  /** It answers a single thing, which a client may keep and ask for again by its ETag. */
  etag?: true
  params?: TSchema
  querystring?: TSchema
  body?: TSchema
  consumes?: string[]
  response: Record<number, unknown>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    errors?: readonly ErrorCode[]
    oauth?: boolean
    etag?: boolean
  }
}

/** Route options of one documented operation: its schema, who may call it and what it may answer. */
export function operation<const S extends Spec>(spec: S) {
  const { access, errors, oauth = false, etag = false, ...schema } = spec
  return {
    schema,
    config: { access, errors: [...errors, ...impliedErrors(spec)], oauth, etag },
  }
}

function impliedErrors({ access, body, querystring, params }: Spec): ErrorCode[] {
  const implied: ErrorCode[] = ['malformed_request', 'unavailable', 'internal_error']
  if (access !== 'public') implied.push('invalid_token')
  if (access === 'user') implied.push('unauthorized')
  if (body || querystring || params) implied.push('validation_failed')
  if (body) {
    implied.push(
      'malformed_json',
      'forbidden_key',
      'nested_too_deep',
      'body_too_large',
      'unsupported_media_type',
      'outcome_unknown',
    )
  }
  return implied
}
