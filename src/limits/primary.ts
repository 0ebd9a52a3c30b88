import { createMemoryCounts } from './memory.ts'
import type { Action, RedisCounts } from './redis.ts'
import type { Check } from './rules.ts'

interface Question {
  action: Action
  checks: Check[]
}

/** Counts for all processes of an installation without Redis, in the one that started them. */
export function createCountsForAll(maxEntries = 100_000) {
  const counts = createMemoryCounts(maxEntries)
  return (question: unknown) => {
    const { action, checks } = question as Question
    const now = Math.floor(performance.timeOrigin + performance.now())
    if (action === 'take') return { now, verdicts: counts.take(checks, now) }
    counts.giveBack(checks, action, now)
    // What the asking process knows it gives back by itself.
    return undefined
  }
}

/** Counts where all processes do, in place of Redis; without an answer each counts on by itself. */
export function createCountsOfPrimary(ask: (question: Question) => Promise<unknown>): RedisCounts {
  return {
    run: async (action, checks) =>
      (await ask({ action, checks })) as Awaited<ReturnType<RedisCounts['run']>>,
    close: async () => {},
  }
}
