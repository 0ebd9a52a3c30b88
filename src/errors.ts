import { CATALOGUE } from './error-catalogue.ts'

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

export type ErrorCode = keyof typeof CATALOGUE
export type Locale = 'en' | 'ru'

export interface ErrorOptions {
  /** The field at fault, as a JSON pointer into the body (`/expires_at`) or query (`/query/page`). */
  pointer?: string
  /** Values for the `{name}` places of the text. */
  params?: Record<string, string | number>
  cause?: unknown
}

/**
 * A failure that the caller is meant to see. Anything else that is thrown is a bug and becomes a 500.
 * `code` is stable and comes from the catalogue, which also says the kind and the words.
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
    this.kind = CATALOGUE[code].kind
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
  const [title, detail] = CATALOGUE[code][locale]
  const filled = detail.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
  return { title, detail: filled }
}
