import { setTimeout as sleep } from 'node:timers/promises'
import { PASSWORD } from '../support/app.ts'
import type { Entry, Operation, Outcome } from './history.ts'

export interface Tokens {
  access_token: string
  refresh_token: string
}

/** One operation of one actor as it is sent; `tokens` are the actor's. */
export interface Sent {
  actor: number
  operation: Operation
  tokens?: Tokens | undefined
}

const PATIENCE_MS = 30_000
const PAUSE_MS = 100
// A client that sent a key may ask again until it hears; this one gives up after a minute.
const TRIES = 600
const LATER = new Set(['unavailable', 'overloaded', 'idempotency_in_progress', 'ECONNREFUSED'])

/** Sends an operation; with a key again and again until its outcome is known. */
export async function perform(address: string, sent: Sent): Promise<Entry> {
  const keyed = 'key' in sent.operation && sent.operation.key !== undefined
  // Made once: with another body, be it by a millisecond, the same key is refused.
  const asked = request(sent.operation, sent.tokens)
  for (let tries = 1; ; tries++) {
    const entry = { ...(await once(address, sent, asked)), tries }
    const again = keyed && (entry.outcome === 'unknown' || LATER.has(entry.code))
    if (!again || tries === TRIES) return entry
    await sleep(PAUSE_MS)
  }
}

async function once(
  address: string,
  { actor, operation }: Sent,
  { method, path, body, headers }: ReturnType<typeof request>,
) {
  const at = performance.now()
  const answer = await fetch(address + path, {
    method,
    signal: AbortSignal.timeout(PATIENCE_MS),
    // Each on a connection of its own: one that is kept may end at the moment when it is used again.
    headers: {
      connection: 'close',
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
    .then(async (response) => ({
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: read(await response.text()),
    }))
    .catch((error: unknown) => ({ status: 0, retryAfter: null, body: { code: reasonOf(error) } }))
  const code = typeof answer.body['code'] === 'string' ? answer.body['code'] : ''
  const outcome = outcomeOf(answer.status, code)
  return { actor, operation, outcome, ...answer, code, at, ms: performance.now() - at }
}

function request(operation: Operation, tokens: Tokens | undefined) {
  const post = (path: string, body: object, headers: Record<string, string> = {}) => ({
    method: 'POST',
    path: `/api/v1${path}`,
    body,
    headers: { ...signedIn, ...headers },
  })
  const signedIn: Record<string, string> = tokens
    ? { authorization: `Bearer ${tokens.access_token}` }
    : {}
  const expires_at = new Date(Date.now() + 86_400_000).toISOString()
  const keyed = (key?: string): Record<string, string> => (key ? { 'idempotency-key': key } : {})
  switch (operation.kind) {
    case 'register': {
      const { email, code, key } = operation
      const person = { email, password: PASSWORD, ...(code && { referral_code: code }) }
      return post('/auth/register', person, keyed(key))
    }
    case 'sign_in': {
      const { email, agent } = operation
      return post('/auth/login', { email, password: PASSWORD }, { 'user-agent': agent })
    }
    case 'refresh': {
      const refresh_token = tokens?.refresh_token
      return post('/auth/token', { grant_type: 'refresh_token', refresh_token })
    }
    case 'create_code':
      return post('/referrals/code', { code: operation.code, expires_at }, keyed(operation.key))
    case 'replace_code':
      return { ...post('/referrals/code', { code: operation.code, expires_at }), method: 'PUT' }
    case 'retire_code':
      return { ...get(`/referrals/codes/${operation.code}`, signedIn), method: 'DELETE' }
    default:
      return get('/users/me/referrals', signedIn)
  }
}

const get = (path: string, headers: Record<string, string>) => ({
  method: 'GET',
  path: `/api/v1${path}`,
  body: undefined,
  headers,
})

function read(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Of an address where nobody listens nothing was heard; any other silence leaves it open. */
function outcomeOf(status: number, code: string): Outcome {
  if (status === 0) return code === 'ECONNREFUSED' ? 'failed' : 'unknown'
  if (status >= 200 && status < 300) return 'ok'
  return code === 'outcome_unknown' || (status >= 500 && status !== 503) ? 'unknown' : 'failed'
}

function reasonOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string }; name?: string }
  return cause?.code ?? name ?? 'error'
}
