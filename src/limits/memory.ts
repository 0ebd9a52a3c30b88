import QuickLRU from 'quick-lru'
import { type Check, spend, type State, undo, type Verdict } from './rules.ts'

/** Limits counted in this process, at most twice `maxEntries` of them; what was not used longest is forgotten. */
export function createMemoryCounts(maxEntries: number) {
  const states = new QuickLRU<string, State>({ maxSize: maxEntries })
  const look = ({ key, rule }: Check, now: number) => spend(rule, states.get(key), now)

  return {
    /** Takes from all or, when one refuses, from none. */
    take(checks: Check[], now: number): Verdict[] {
      const verdicts = checks.map((check) => look(check, now))
      if (verdicts.some(({ allowed }) => !allowed)) return untouched(checks, verdicts)
      for (const [i, { state }] of verdicts.entries()) states.set(checks[i]!.key, state)
      return verdicts
    },
    /** Takes from one whose state nobody else keeps, at the cost of one look into the map. */
    takeOne(check: Check, now: number): Verdict {
      const known = states.get(check.key)
      const verdict = spend(check.rule, known, now)
      if (known) Object.assign(known, verdict.state)
      else states.set(check.key, verdict.state)
      return verdict
    },
    /** What would refuse, without taking anything. */
    refusals(checks: Check[], now: number): Verdict[] | undefined {
      const verdicts = checks.map((check) => look(check, now))
      return verdicts.some(({ allowed }) => !allowed) ? untouched(checks, verdicts) : undefined
    },
    /** Gives back what was taken; `clear` forgets all failures of a back-off. */
    giveBack(checks: Check[], how: 'undo' | 'clear', now: number): void {
      for (const { key, rule } of checks) {
        const state = states.get(key)
        const left = how === 'clear' && rule.backOff ? undefined : state && undo(rule, state, now)
        if (left) states.set(key, left)
        else states.delete(key)
      }
    },
    /** Remembers what another counted, for when that one is away. */
    adopt(check: Check, state: State): void {
      states.set(check.key, state)
    },
  }

  function untouched(checks: Check[], verdicts: Verdict[]): Verdict[] {
    return verdicts.map(({ allowed, state }, i) => ({
      allowed,
      state: states.get(checks[i]!.key) ?? { ...state, count: 0, at: 0 },
    }))
  }
}
