import { type ErrorCode, errorText, KINDS } from '../errors.ts'
import { asOAuth, statusOf } from './errors.ts'
import type { Schema } from './openapi-examples.ts'
import type { Declared } from './operation.ts'
import { OAuthError, Problem } from './schemas.ts'
import { fieldText } from './validation.ts'

const PROBLEM = 'application/problem+json'

export const ERROR_SCHEMAS: Record<string, Schema> = Object.fromEntries(
  [Problem, OAuthError].map((schema) => {
    const { $id, ...rest } = JSON.parse(JSON.stringify(schema)) as { $id: string }
    return [$id, rest]
  }),
)

/** The error answers of an operation, by status: one example a code. */
export function errorAnswers(codes: readonly ErrorCode[], oauth: boolean) {
  const byStatus = Map.groupBy(new Set(codes), (code) => statusOf(KINDS[code], oauth))
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [String(status), errorAnswer(some, oauth)]),
  )
}

/** The examples that `errorAnswers` refers to: one of each code in each shape that is declared. */
export function errorExamples(declared: Declared[]) {
  const used = declared.flatMap(({ errors, oauth }) => errors.map((code) => ({ code, oauth })))
  return Object.fromEntries(
    used.map(({ code, oauth }) => [
      exampleName(code, oauth),
      { summary: errorText(code, 'en').title, value: exampleError(code, oauth) },
    ]),
  )
}

function errorAnswer(codes: ErrorCode[], oauth: boolean) {
  const examples = codes.map((code) => [
    code,
    { $ref: `#/components/examples/${exampleName(code, oauth)}` },
  ])
  return {
    description: codes.map((code) => `\`${code}\`: ${errorText(code, 'en').title}.`).join(' '),
    content: {
      [oauth ? 'application/json' : PROBLEM]: {
        schema: { $ref: `#/components/schemas/${oauth ? 'OAuthError' : 'Problem'}` } as Schema,
        examples: Object.fromEntries(examples) as object,
      },
    },
  }
}

const exampleName = (code: ErrorCode, oauth: boolean) => (oauth ? `oauth.${code}` : code)

function exampleError(code: ErrorCode, oauth: boolean) {
  const { title, detail } = errorText(code, 'en', PARAMS[code])
  const pointer = POINTERS[code]
  const problem = {
    title,
    status: statusOf(KINDS[code], oauth),
    detail,
    instance: oauth ? '/api/v1/auth/token' : '/api/v1/referrals/code',
    code,
    request_id: '01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d',
    ...(pointer !== undefined && { errors: [{ pointer, code, detail }] }),
  }
  const shown = code === 'validation_failed' ? { ...problem, ...WRONG_FIELD } : problem
  return oauth ? asOAuth(shown) : { type: `http://localhost:8000/docs/errors#${code}`, ...shown }
}

const UNKNOWN = { pointer: '/expire_at', code: 'field_unknown' }
const UNKNOWN_TEXT = fieldText(UNKNOWN, 'en')
const WRONG_FIELD = {
  detail: `${UNKNOWN.pointer}: ${UNKNOWN_TEXT}`,
  errors: [{ ...UNKNOWN, detail: UNKNOWN_TEXT }],
}

const PARAMS: Partial<Record<ErrorCode, Record<string, string | number>>> = {
  malformed_request: { reason: 'two Host headers' },
  invalid_request: { reason: 'The parameter username is missing.' },
  forbidden_key: { key: '__proto__' },
  nested_too_deep: { max: 8 },
  rate_limited: { seconds: 180 },
  expires_at_too_far: { days: 730 },
}

const POINTERS: Partial<Record<ErrorCode, string>> = {
  email_taken: '/email',
  username_taken: '/username',
  weak_password: '/password',
  wrong_password: '/current_password',
  referral_code_unknown: '/referral_code',
  referral_code_expired: '/referral_code',
  referral_code_retired: '/referral_code',
  code_taken: '/code',
  code_reserved: '/code',
  expires_at_in_past: '/expires_at',
  expires_at_too_far: '/expires_at',
}
