import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ADDRESS } from './front.ts'

/** `cached` are look-ups of codes, `read` are lists from the database. */
export type Kind = 'write' | 'read' | 'cached'

export interface Attempt {
  kind: Kind
  what: string
  /** By the monotonic clock, in milliseconds. */
  at: number
  ms: number
  /** 0 where no answer came. */
  status: number
  code: string
}

/** Somebody whose registration, and perhaps whose code, was acknowledged. */
export interface Newcomer {
  id: string
  email: string
  code?: string
}

export interface Load {
  attempts: Attempt[]
  newcomers: Newcomer[]
  /** Refusals that no fault excuses: a repetition must answer as the first try would have. */
  wrong: string[]
  /** Sessions that ended because the answer to a refresh was lost. */
  signedOut: number
  /** Moments at which those began who have not yet got all their answers. */
  underWay: Set<number>
  stop(): Promise<void>
}

interface Joined {
  code: string | undefined
  headers: Record<string, string>
}

interface Ask {
  kind: Kind
  method?: string
  path: string
  body?: object
  headers?: Record<string, string>
}

const PASSWORD = 'correct horse battery'
const OWNERS = 8
const GIVE_UP_MS = 300_000

/**
 * Begins at a fixed rate, whatever is answered: somebody each second who registers with a code, signs in, refreshes
 * and creates a code, asking again until each is answered; 10 look-ups a second, 10 lists.
 */
export async function startLoad(): Promise<Load> {
  const load: Load = {
    attempts: [],
    newcomers: [],
    wrong: [],
    signedOut: 0,
    underWay: new Set(),
    stop,
  }
  const owners: Joined[] = []
  for (let i = 0; i < OWNERS; i++) owners.push(await join(load, `owner${i}@example.com`))
  const timers: NodeJS.Timeout[] = []
  const running = new Set<Promise<unknown>>()
  let begun = 0
  const every = (ms: number, act: (number: number) => Promise<unknown>) => {
    const begin = () => {
      const one = act(begun++)
      running.add(one)
      void one.finally(() => running.delete(one))
    }
    timers.push(setInterval(begin, ms))
  }
  every(1000, (i) => join(load, `guest${i}@example.com`, owners[i % OWNERS]!.code))
  every(100, (i) => {
    const path = `/api/v1/referrals/codes/${owners[i % OWNERS]!.code}`
    return once(load, { kind: 'cached', path })
  })
  every(100, (i) => {
    const { headers } = owners[i % OWNERS]!
    return once(load, { kind: 'read', path: '/api/v1/users/me/referrals?size=20', headers })
  })
  async function stop() {
    timers.forEach(clearInterval)
    await Promise.all(running)
  }
  return load
}

async function join(load: Load, email: string, referral_code?: string): Promise<Joined> {
  const begun = performance.now()
  load.underWay.add(begun)
  try {
    const person = { email, password: PASSWORD, ...(referral_code && { referral_code }) }
    const { id } = await insist(load, '/api/v1/auth/register', person)
    const newcomer: Newcomer = { id: id!, email }
    load.newcomers.push(newcomer)
    const token = await signIn(load, email)
    const headers = { authorization: `Bearer ${token}` }
    const ends = { expires_at: new Date(Date.now() + 86_400_000).toISOString() }
    const { code } = await insist(load, '/api/v1/referrals/code', ends, headers)
    newcomer.code = code!
    return { code, headers }
  } catch (error) {
    load.wrong.push(`${email}: ${error instanceof Error ? error.message : String(error)}`)
    return { code: undefined, headers: {} }
  } finally {
    load.underWay.delete(begun)
  }
}

// Tokens are not kept under a key: a refresh whose answer was lost may end the session.
async function signIn(load: Load, email: string): Promise<string> {
  const given = { email, password: PASSWORD }
  const { refresh_token } = await insist(load, '/api/v1/auth/login', given)
  const use = { grant_type: 'refresh_token', refresh_token }
  try {
    return (await insist(load, '/api/v1/auth/token', use)).access_token!
  } catch (error) {
    if (!String(error).includes('invalid_grant')) throw error
    load.signedOut++
    return (await insist(load, '/api/v1/auth/login', given)).access_token!
  }
}

/** Asks until it is answered, under the same key; throws what is refused. */
async function insist(load: Load, path: string, body: object, given = {}) {
  const headers = { ...given, 'idempotency-key': randomUUID() }
  const deadline = performance.now() + GIVE_UP_MS
  while (performance.now() < deadline) {
    const asked: Ask = { kind: 'write', method: 'POST', path, body, headers }
    const { status, answer, retryAfter } = await once(load, asked)
    if (status >= 200 && status < 300) return answer
    const isWait = status === 0 || status >= 500 || answer['code'] === 'idempotency_in_progress'
    if (!isWait) throw new Error(`${path} ${status} ${answer['code'] ?? answer['error']}`)
    await sleep(retryAfter * 1000 * (0.5 + Math.random()))
  }
  throw new Error(`${path} was never answered`)
}

async function once(load: Load, { kind, method = 'GET', path, body, headers }: Ask) {
  const at = performance.now()
  const type = body && { 'content-type': 'application/json' }
  const asked = fetch(ADDRESS + path, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    headers: { ...type, ...headers },
    signal: AbortSignal.timeout(15_000),
  })
  const { status, answer, retryAfter } = await asked
    .then(async (got) => {
      // HAProxy's own errors are pages.
      const answer = (await got.json().catch(() => ({ code: 'page' }))) as Record<string, string>
      return { status: got.status, answer, retryAfter: Number(got.headers.get('retry-after') ?? 1) }
    })
    .catch((error: Error) => ({ status: 0, answer: { code: error.name }, retryAfter: 1 }))
  const { code = '' } = answer as Record<string, string>
  const what = path.split('?')[0]!.split('/').slice(3, 5).join(' ')
  load.attempts.push({ kind, what, at, ms: performance.now() - at, status, code })
  return { status, answer: answer as Record<string, string>, retryAfter }
}
