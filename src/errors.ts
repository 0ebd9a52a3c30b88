import type { Locale } from './words/catalogue.ts'
import { errorWords } from './words/errors.ts'
import { fill } from './words/words-in.ts'

export type ErrorKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'gone'
  | 'method_not_allowed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'conflict'
  | 'rate_limited'
  | 'unavailable'
  | 'internal'

/** Every code that a client can be answered. A code is never renamed and never means something else. */
export const KINDS = {
  validation_failed: 'invalid',
  malformed_json: 'malformed',
  malformed_request: 'malformed',
  forbidden_key: 'malformed',
  nested_too_deep: 'malformed',
  body_too_large: 'too_large',
  unsupported_media_type: 'unsupported_media_type',
  not_found: 'not_found',
  method_not_allowed: 'method_not_allowed',
  unauthorized: 'unauthenticated',
  invalid_token: 'unauthenticated',
  invalid_credentials: 'unauthenticated',
  wrong_password: 'unauthenticated',
  session_ended: 'unauthenticated',
  foreign_origin: 'forbidden',
  invalid_request: 'malformed',
  invalid_grant: 'malformed',
  unsupported_grant_type: 'malformed',
  setup_done: 'gone',
  setup_token_wrong: 'forbidden',
  link_expired: 'gone',
  reauthentication_required: 'forbidden',
  email_not_verified: 'forbidden',
  admin_only: 'forbidden',
  own_account: 'conflict',
  last_admin: 'conflict',
  user_blocked: 'conflict',
  email_taken: 'conflict',
  email_undeliverable: 'invalid',
  username_taken: 'conflict',
  weak_password: 'invalid',
  referral_code_unknown: 'invalid',
  referral_code_expired: 'invalid',
  referral_code_retired: 'invalid',
  active_code_exists: 'conflict',
  code_taken: 'conflict',
  code_reserved: 'invalid',
  expires_at_in_past: 'invalid',
  expires_at_too_far: 'invalid',
  code_not_found: 'not_found',
  referral_not_found: 'not_found',
  user_not_found: 'not_found',
  session_not_found: 'not_found',
  job_not_found: 'not_found',
  mail_not_found: 'not_found',
  rate_limited: 'rate_limited',
  idempotency_key_reused: 'invalid',
  idempotency_in_progress: 'conflict',
  overloaded: 'unavailable',
  unavailable: 'unavailable',
  outcome_unknown: 'unavailable',
  internal_error: 'internal',
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof KINDS

export interface ErrorOptions {
  /** The field at fault, as a JSON pointer into the body (`/expires_at`) or query (`/query/page`). */
  pointer?: string
  /** Values for the `{name}` places of the text. */
  params?: Record<string, string | number>
  cause?: unknown
}

/**
 * A failure that the caller is meant to see. Anything else that is thrown is a bug and becomes a 500.
 * `code` is stable and says the kind of failure, and the words in `words/errors.ts`.
 */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly pointer: string | undefined
  readonly params: Record<string, string | number>

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(errorText(code, 'en', options.params).detail, { cause: options.cause })
    this.code = code
    this.kind = KINDS[code]
    this.pointer = options.pointer
    this.params = options.params ?? {}
  }
}

/**
 * Something that the person who runs the service must mend before it can start or a command can work;
 * the message is whole sentences that say what to do.
 */
export class SetupError extends Error {
  override name = 'SetupError'
}

/** The title and the detail of a code in a language, with its `{name}` places filled in. */
export function errorText(
  code: ErrorCode,
  locale: Locale,
  params: Record<string, string | number> = {},
): { title: string; detail: string } {
  const texts = errorWords[locale]
  return { title: texts[code], detail: fill(texts[`${code}_detail`], locale, params) }
}
