import { type TSchema, Type } from 'typebox'
import type { ErrorCode } from '../errors.ts'

export type Access = 'public' | 'optional' | 'user' | 'admin'

/** What the document says of an operation besides its schemas. */
export interface Declared {
  errors: readonly ErrorCode[]
  oauth: boolean
  limited: boolean
}

interface Spec {
  operationId: string
  tags: [string]
  summary: string
  description: string
  /** Who may call it: anybody, anybody but known when signed in, signed-in users, or administrators. */
  access: Access
  /** Codes it answers besides those that its shape implies (see `impliedErrors`). */
  errors: readonly ErrorCode[]
  /** Errors in the form of RFC 6749, section 5.2, too. */
  oauth?: true
  /** It answers a single thing, which a client may keep and ask for again by its ETag. */
  etag?: true
  /** Probes of those who run the service are counted by no limit. */
  limited?: false
  /** A POST that takes an `Idempotency-Key`: its handler answers through `answerOnce`. */
  once?: true
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
    limited?: boolean
  }
}

/** Route options of one documented operation: its schema, who may call it and what it may answer. */
export function operation<const S extends Spec>(spec: S) {
  const { access, errors, oauth = false, etag = false, limited, once, ...schema } = spec
  return {
    schema: { ...schema, ...(once && { headers: IdempotencyHeaders }) },
    config: {
      access,
      errors: [...errors, ...impliedErrors(spec)],
      oauth,
      etag,
      limited: limited !== false,
    },
  }
}

const IdempotencyHeaders = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[ -~]*$',
      description:
        'Makes a retry safe: the same request with the same key happens once and is answered the same for 24 hours. ' +
        'Take a new random one, such as a UUID, for each new request.',
      examples: ['5f0c2a7e-3d1b-4c58-9a7e-0d9b6c1f2e34'],
    }),
  ),
})

function impliedErrors({ access, body, querystring, params, once, limited }: Spec): ErrorCode[] {
  const implied: ErrorCode[] = ['malformed_request', 'unavailable', 'internal_error']
  if (limited !== false) implied.push('rate_limited')
  if (access !== 'public') implied.push('invalid_token')
  if (access === 'user' || access === 'admin') implied.push('unauthorized')
  if (access === 'admin') implied.push('admin_only')
  if (body || querystring || params) implied.push('validation_failed')
  if (once) implied.push('validation_failed', 'idempotency_key_reused', 'idempotency_in_progress')
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
