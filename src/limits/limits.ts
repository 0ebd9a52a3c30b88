import { AppError, type ErrorCode } from '../errors.ts'
import { SECOND } from '../lib/dates.ts'
import { deriveKey, mac } from '../lib/secrets.ts'
import { createMemoryCounts } from './memory.ts'
import type { Action, RedisCounts } from './redis.ts'
import { type Check, intervalOf, type Verdict } from './rules.ts'
import { type LimitName, LIMITS, type Rule, type Wanted } from './table.ts'

/** How it stands with one limit. */
export interface Taken {
  name: LimitName
  allowed: boolean
  limit: number
  windowSeconds: number
  remaining: number
  /** Until one more is let through, if this one was not; else until the limit is whole again. */
  resetSeconds: number
}

/** A limit refused: 429, with what is known of the limits. */
export class RateLimited extends AppError {
  override name = 'RateLimited'
  readonly taken: Taken[]
  constructor(taken: Taken[]) {
    super('rate_limited', { params: { seconds: waitOf(taken) } })
    this.taken = taken
  }
}

/** The seconds after which every limit that refused lets one through. */
export const waitOf = (taken: Taken[]): number =>
  Math.max(1, ...taken.filter(({ allowed }) => !allowed).map(({ resetSeconds }) => resetSeconds))

interface Options {
  secret: string
  enabled: boolean
  redis?: RedisCounts | undefined
  /** Only in tests: the time in milliseconds, here and in Redis. */
  now?: () => number
  maxEntries?: number
}

/** What becomes of what an attempt took: it stays taken, is given back, or all failures are forgotten. */
export type Settle = (error: unknown) => 'keep' | 'undo' | 'clear'

/** A success forgets all failures; what fails with another code than this was no failure of the kind. */
export function failuresOf(code: ErrorCode): Settle {
  return (error) => {
    if (error === undefined) return 'clear'
    return error instanceof AppError && error.code === code ? 'keep' : 'undo'
  }
}

export type Limits = ReturnType<typeof createLimits>

/** Every limit of the service; switched off, all of them let everything through. */
export function createLimits(options: Options) {
  const { enabled, redis, now = monotonic, maxEntries = MAX_ENTRIES } = options
  const shared = createSharedCounts(options, now)
  // Apart, so that requests from very many addresses do not push out who failed to sign in.
  const requests = createMemoryCounts(maxEntries)

  async function takeAll(wanted: Wanted): Promise<Taken[]> {
    if (!enabled) return wanted.map(([name]) => describe(name, UNTOUCHED, 0))
    return described(wanted, await shared.take(wanted), now())
  }

  return {
    enabled,
    /** Takes one; whoever asks decides what a refusal means. */
    take: async (name: LimitName, key: string): Promise<Taken> =>
      (await takeAll([[name, key]]))[0]!,
    /** Takes one of each or, when one of them refuses, none. */
    takeAll,
    /** Takes one of what this process counts for itself alone, at once. */
    takeHere(name: 'user' | 'anonymous', key: string): Taken {
      const moment = now()
      return describe(name, requests.takeOne({ key, rule: LIMITS[name] }, moment), moment)
    },
    /** Throws when a limit is known here to refuse; takes nothing and asks nobody. */
    refuse(wanted: Wanted): void {
      const refusals = enabled ? shared.refusals(wanted) : undefined
      if (refusals) throw new RateLimited(described(wanted, refusals, now()))
    },
    /** Takes before the work begins, so that no number of attempts at once gets past, and settles it after. */
    async attempt<T>(wanted: Wanted, work: () => Promise<T>, settle: Settle): Promise<T> {
      if (!enabled) return work()
      const taken = await takeAll(wanted)
      if (taken.some(({ allowed }) => !allowed)) throw new RateLimited(taken)
      let failure: unknown
      try {
        return await work()
      } catch (error) {
        failure = error
        throw error
      } finally {
        const how = settle(failure)
        if (how !== 'keep') await shared.giveBack(wanted, how)
      }
    },
    close: async () => redis?.close(),
  }
}

const MAX_ENTRIES = 20_000
const UNTOUCHED: Verdict = { allowed: true, state: { count: 0, at: 0 } }
const monotonic = () => Math.floor(performance.timeOrigin + performance.now())

/**
 * Counts in Redis, where there is one, and remembers in this process what it answered: what was refused is
 * refused again without asking, and goes on being refused when Redis is away or was emptied.
 */
function createSharedCounts({ secret, redis, now: given, maxEntries }: Options, now: () => number) {
  const key = deriveKey(secret, 'limits')
  const counts = createMemoryCounts(maxEntries ?? MAX_ENTRIES)
  // Nobody's address or name stands in Redis.
  const checkOf = ([name, text]: Wanted[number]): Check => ({
    key: `${name}:${mac(key, `${name} ${text}`)}`,
    rule: LIMITS[name],
  })

  async function ask(action: Action, checks: Check[]): Promise<Verdict[] | undefined> {
    const answer = await redis?.run(action, checks, given?.())
    if (!answer) return undefined
    const ahead = now() - answer.now
    const verdicts = answer.verdicts.map(({ allowed, state }) => ({
      allowed,
      state: { ...state, at: state.at + ahead },
    }))
    for (const [i, { state }] of verdicts.entries()) counts.adopt(checks[i]!, state)
    return verdicts
  }

  return {
    refusals: (wanted: Wanted) => counts.refusals(wanted.map(checkOf), now()),
    async take(wanted: Wanted): Promise<Verdict[]> {
      const checks = wanted.map(checkOf)
      const refusals = counts.refusals(checks, now())
      return refusals ?? (await ask('take', checks)) ?? counts.take(checks, now())
    },
    async giveBack(wanted: Wanted, how: 'undo' | 'clear'): Promise<void> {
      const checks = wanted.map(checkOf)
      if (!(await ask(how, checks))) counts.giveBack(checks, how, now())
    },
  }
}

const described = (wanted: Wanted, verdicts: Verdict[], now: number) =>
  wanted.map(([name], i) => describe(name, verdicts[i]!, now))

function describe(name: LimitName, { allowed, state }: Verdict, now: number): Taken {
  const rule: Rule = LIMITS[name]
  const aheadMs = Math.max(0, state.at - now)
  const waitMs = allowed || rule.backOff ? aheadMs : aheadMs + intervalOf(rule) - rule.periodMs
  const remaining = rule.backOff
    ? rule.limit - state.count
    : Math.floor((rule.periodMs - aheadMs) / intervalOf(rule))
  return {
    name,
    allowed,
    limit: rule.limit,
    windowSeconds: rule.periodMs / SECOND,
    remaining: Math.max(0, remaining),
    resetSeconds: Math.ceil(waitMs / SECOND),
  }
}
