/** What a client asked for, with what finds its effect in the tables. */
export type Operation =
  | { kind: 'register'; email: string; code?: string | undefined; key?: string | undefined }
  | { kind: 'sign_in'; email: string; agent: string }
  | { kind: 'refresh'; session: string }
  | { kind: 'create_code'; code: string; key?: string | undefined }
  | { kind: 'replace_code'; code: string }
  | { kind: 'retire_code'; code: string }
  | { kind: 'read' }

/** `failed` was refused, so nothing may have happened; of `unknown` either may be true. */
export type Outcome = 'ok' | 'failed' | 'unknown'

export interface Entry {
  actor: number
  operation: Operation
  outcome: Outcome
  /** 0 where no answer came. */
  status: number
  /** The code of the refusal. */
  code: string
  body: Record<string, unknown>
  retryAfter: string | null
  /** When it was sent and how long the last try took, by the monotonic clock. */
  at: number
  ms: number
  /** More than one where a client with a key asked again. */
  tries: number
}

/** How a run went, as the results publish it. */
export interface Figures {
  acknowledged: number
  failed: number
  unknown: number
  /** Slowest answers, in ms: of those that were refused with 503, and of all. */
  slowest503: number
  slowest: number
}

export function figuresOf(history: readonly Entry[]): Figures {
  const count = (outcome: Outcome) => history.filter((entry) => entry.outcome === outcome).length
  const slowest = (entries: readonly Entry[]) =>
    Math.round(Math.max(0, ...entries.map(({ ms }) => ms)))
  return {
    acknowledged: count('ok'),
    failed: count('failed'),
    unknown: count('unknown'),
    slowest503: slowest(history.filter(({ status }) => status === 503)),
    slowest: slowest(history),
  }
}

/** Answers that no fault excuses: a server's error that is no 503, or a 503 that does not say when to come back. */
export const inexcusable = (history: readonly Entry[]): string[] =>
  history
    .filter(({ status, retryAfter }) => status >= 500 && (status !== 503 || retryAfter === null))
    .map(({ operation, status, code }) => `${operation.kind} ${status} ${code}`)
