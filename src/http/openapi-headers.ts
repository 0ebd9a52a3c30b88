import type { Schema } from './openapi-examples.ts'

const header = (description: string, example: string) => ({
  description,
  schema: { type: 'string' },
  example,
})

export const HEADERS = {
  'X-Request-Id': header(
    'Names this request in the log; taken from the request if well formed.',
    '01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d',
  ),
  Location: header('The path of what was created.', '/api/v1/referrals/codes/K7M2QX9D'),
  Link: header(
    'The pages around this one (RFC 8288): first, prev, next and last.',
    '</api/v1/referrals/codes?page=2>; rel="next"',
  ),
  'WWW-Authenticate': header(
    'How to sign in (RFC 6750).',
    'Bearer realm="invitree", error="invalid_token"',
  ),
  RateLimit: header(
    'How it stands with the limits that apply: `r` requests remain, whole again or one more after `t` seconds.',
    '"anonymous";r=299;t=1',
  ),
  'RateLimit-Policy': header(
    'The limits that apply: `q` requests in `w` seconds.',
    '"anonymous";q=300;w=60',
  ),
  'Idempotency-Replayed': header(
    'There when this is the kept answer of an earlier request with the same Idempotency-Key.',
    'true',
  ),
  'Retry-After': header('Seconds to wait before the next try.', '1'),
}

type Name = keyof typeof HEADERS

/** The headers that an answer carries, by its status and shape. */
export function answerHeaders(
  status: string,
  schema: Schema | undefined,
  { oauth, limited, once }: { oauth: boolean; limited: boolean; once: boolean },
) {
  const names: Name[] = ['X-Request-Id']
  if (status === '201') names.push('Location')
  if (schema?.properties?.['next_cursor']) names.push('Link')
  if (status === '401' && !oauth) names.push('WWW-Authenticate')
  if (limited && /^[24]/.test(status)) names.push('RateLimit', 'RateLimit-Policy')
  if (once && status.startsWith('2')) names.push('Idempotency-Replayed')
  if (status === '429' || status === '503' || (once && status === '409')) names.push('Retry-After')
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
