import { SECOND } from '../lib/dates.ts'

const FAILURES_MAX = 5
const REST_MS = 30 * SECOND

/** `resting`: it failed too often and is left alone; `trying`: the next question decides whether to go on. */
export type BreakerState = 'asking' | 'resting' | 'trying'

export interface Breaker {
  run<T>(work: () => Promise<T>): Promise<T | undefined>
  state(): BreakerState
}

/**
 * After five failures in a row nothing is tried for 30 s, then one trial decides whether to go on;
 * what is not tried is undefined. What began before it opened changes nothing any more.
 */
export function createBreaker(now: () => number = () => performance.now()): Breaker {
  let failures = 0
  let restUntil = 0
  let trying = false
  return {
    state() {
      if (failures < FAILURES_MAX) return 'asking'
      return now() < restUntil ? 'resting' : 'trying'
    },
    async run(work) {
      const isTrial = failures >= FAILURES_MAX
      if (isTrial && (trying || now() < restUntil)) return undefined
      if (isTrial) trying = true
      try {
        const result = await work()
        if (isTrial || failures < FAILURES_MAX) failures = 0
        return result
      } catch (error) {
        if (isTrial || ++failures === FAILURES_MAX) restUntil = now() + REST_MS
        throw error
      } finally {
        if (isTrial) trying = false
      }
    },
  }
}
