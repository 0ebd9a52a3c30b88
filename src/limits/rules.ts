import type { Rule } from './table.ts'

/**
 * All that is remembered of a key. Of a window: `at` is when it will be whole again (GCRA's theoretical
 * arrival time). Of a back-off: `count` failures, and `at` the end of the wait.
 */
export interface State {
  count: number
  at: number
}

export interface Check {
  key: string
  rule: Rule
}

/** What became of a check; `state` is what is remembered afterwards. */
export interface Verdict {
  allowed: boolean
  state: State
}

export const intervalOf = ({ limit, periodMs }: Rule): number => periodMs / limit

/** How long a state still matters once its `at` has come. */
export const memoryMsOf = ({ backOff }: Rule): number => backOff?.forgetMs ?? 0

/** Whether one more is let through, and what is remembered then. The script of Redis says the same. */
export function spend(rule: Rule, state: State | undefined, now: number): Verdict {
  const live = state && state.at + memoryMsOf(rule) > now ? state : { count: 0, at: now }
  return rule.backOff
    ? spendFailure(rule, rule.backOff.firstMs, live, now)
    : spendOne(rule, live, now)
}

/** What is remembered when one is given back; undefined when nothing is left to remember. */
export function undo(rule: Rule, state: State, now: number): State | undefined {
  if (state.at + memoryMsOf(rule) <= now) return undefined
  if (rule.backOff) return state.count > 1 ? { count: state.count - 1, at: now } : undefined
  const at = state.at - intervalOf(rule)
  return at > now ? { count: 0, at } : undefined
}

function spendOne(rule: Rule, { at }: State, now: number): Verdict {
  const next = Math.max(at, now) + intervalOf(rule)
  const allowed = next - now <= rule.periodMs
  return { allowed, state: { count: 0, at: allowed ? next : at } }
}

function spendFailure(rule: Rule, firstMs: number, state: State, now: number): Verdict {
  if (state.at > now) return { allowed: false, state }
  const count = state.count + 1
  const waitMs =
    count < rule.limit ? 0 : Math.min(rule.periodMs, firstMs * 2 ** (count - rule.limit))
  return { allowed: true, state: { count, at: now + waitMs } }
}
