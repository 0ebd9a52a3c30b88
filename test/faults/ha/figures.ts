import type { Attempt, Kind } from './load.ts'

/** What one fault cost. */
export interface Cost {
  /** The longest time, in seconds, in which nothing of this kind succeeded. */
  away: Record<Kind, number>
  /** Requests that failed, by status and code. */
  failed: Record<string, number>
  requests: number
  /** The slowest answer that was an error, in seconds. */
  slowestRefusal: number
  signedOut: number
  lost: number
  doubled: number
  witnessLost: number
  splitBrain: number
}

export function costOf(attempts: readonly Attempt[], from: number, to: number) {
  const within = attempts.filter(({ at, ms }) => at + ms >= from && at + ms <= to)
  const failures = within.filter(({ status }) => status === 0 || status >= 400)
  const failed: Record<string, number> = {}
  for (const { kind, what, status, code } of failures) {
    const name = status === 0 ? `${what} not answered` : `${kind} ${status} ${code}`
    failed[name] = (failed[name] ?? 0) + 1
  }
  const away = (kind: Kind) =>
    longestGap(
      within.filter((it) => it.kind === kind),
      from,
      to,
    )
  return {
    away: { write: away('write'), read: away('read'), cached: away('cached') },
    failed,
    requests: within.length,
    slowestRefusal: inSeconds(Math.max(0, ...failures.map(({ ms }) => ms))),
  }
}

function longestGap(attempts: readonly Attempt[], from: number, to: number): number {
  const succeeded = attempts.filter(({ status }) => status >= 200 && status < 400)
  const ends = [from, ...succeeded.map(({ at, ms }) => at + ms).toSorted((a, b) => a - b), to]
  return inSeconds(Math.max(...ends.slice(1).map((end, i) => end - ends[i]!)))
}

const inSeconds = (ms: number) => Math.round(ms / 100) / 10

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0

/** A line of the table, of all trials of one fault: medians, with the worst in brackets. */
export function line(what: string, costs: readonly Cost[]): string {
  const both = (pick: (cost: Cost) => number, digits = 1) => {
    const values = costs.map(pick)
    return `${median(values).toFixed(digits)} (${Math.max(...values).toFixed(digits)})`
  }
  const sum = (pick: (cost: Cost) => number) =>
    String(costs.reduce((total, cost) => total + pick(cost), 0))
  const failed = ({ failed }: Cost) => Object.values(failed).reduce((a, b) => a + b, 0)
  const cells = [
    what,
    String(costs.length),
    both(({ away }) => away.write),
    both(({ away }) => away.read),
    both(({ away }) => away.cached),
    both(failed, 0),
    both(({ slowestRefusal }) => slowestRefusal),
    sum(({ lost }) => lost),
    sum(({ doubled }) => doubled),
    sum(({ witnessLost }) => witnessLost),
    sum(({ splitBrain }) => splitBrain),
    sum(({ signedOut }) => signedOut),
  ]
  return `| ${cells.join(' | ')} |`
}

const COLUMNS = [
  'fault',
  'times',
  'no write answered, s',
  'no list, s',
  'no cached look-up, s',
  'requests failed',
  'slowest refusal, s',
  'acknowledged and lost',
  'doubled',
  'lost past the service',
  'taken by two primaries',
  'sessions ended',
]
export const HEAD = `| ${COLUMNS.join(' | ')} |\n|${COLUMNS.map(() => '---').join('|')}|`
