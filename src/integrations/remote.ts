import { Ajv, type ValidateFunction } from 'ajv'
import type { Static, TSchema } from 'typebox'
import { type BreakerState, createBreaker } from './breaker.ts'
import { getJson, RemoteError } from './http.ts'

export interface RemoteLog {
  warn(object: object, message: string): void
}

/** How many questions were answered, failed, or not asked because the service had failed too often. */
export interface RemoteCounts {
  answered: number
  failed: number
  skipped: number
}

export interface RemoteOptions {
  log: RemoteLog
  /** Milliseconds by a clock that only goes forward; of its own for tests. */
  now?: () => number
}

interface Service<Schema extends TSchema> extends RemoteOptions {
  name: string
  /** Where the question goes; the address that is asked about becomes its `email`. */
  url: string
  headers: Record<string, string>
  schema: Schema
  /** Statuses besides 200 that say something about the address, not about the service. */
  expected: readonly number[]
}

/** How a service of others does. */
export interface RemoteHealth {
  counts: RemoteCounts
  state(): BreakerState
}

export interface Remote<T> extends RemoteHealth {
  /** Undefined when the service gave no answer that can be used; it never throws. */
  ask(email: string): Promise<{ status: number; body?: T } | undefined>
}

/** A service that is asked about e-mail addresses: bounded, checked, and left alone while it fails. */
export function createRemote<Schema extends TSchema>(
  service: Service<Schema>,
): Remote<Static<Schema>> {
  const breaker = createBreaker(service.now)
  const check = new Ajv().compile<Static<Schema>>(service.schema)
  const counts: RemoteCounts = { answered: 0, failed: 0, skipped: 0 }
  return {
    counts,
    state: () => breaker.state(),
    async ask(email) {
      try {
        const answer = await breaker.run(() => askOnce(service, check, email))
        counts[answer ? 'answered' : 'skipped']++
        return answer
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error
        counts.failed++
        service.log.warn({ service: service.name, failure: error.failure }, 'integration failed')
        return undefined
      }
    },
  }
}

async function askOnce<Schema extends TSchema>(
  { url, headers, expected }: Service<Schema>,
  check: ValidateFunction<Static<Schema>>,
  email: string,
): Promise<{ status: number; body?: Static<Schema> }> {
  const asked = new URL(url)
  asked.searchParams.set('email', email)
  const { status, body } = await getJson(asked, headers)
  if (status !== 200) {
    if (!expected.includes(status)) throw new RemoteError(`status_${status}`)
    return { status }
  }
  if (!check(body)) throw new RemoteError('unexpected_answer')
  return { status, body }
}
