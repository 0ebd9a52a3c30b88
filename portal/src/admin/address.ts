import { useSearchParams } from 'wouter'

export interface Address {
  /** What the address says of this name, if it is one of these. */
  oneOf: <T extends string>(name: string, values: readonly T[]) => T | undefined
  text: (name: string) => string | undefined
  /** Writes into the address; what is undefined or empty is taken out, and so is the place in the list. */
  change: (changes: Record<string, string | undefined>, options?: { replace?: boolean }) => void
  search: (q: string) => void
}

/** What a list is narrowed to, kept in the address: it can be sent, and survives a reload. */
export function useAddress(): Address {
  const [parameters, setParameters] = useSearchParams()
  const change: Address['change'] = (changes, { replace = false } = {}) =>
    setParameters(
      (now) => {
        const next = new URLSearchParams(now)
        for (const [name, value] of Object.entries({ cursor: undefined, ...changes })) {
          if (value) next.set(name, value)
          else next.delete(name)
        }
        return next
      },
      { replace },
    )
  return {
    oneOf: (name, values) => values.find((value) => value === parameters.get(name)),
    text: (name) => parameters.get(name)?.slice(0, 100) || undefined,
    change,
    // Going back leads to the list before the search, not to each letter of it.
    search: (q) => change({ q }, { replace: true }),
  }
}

/** A day of a date field as the moment when it begins here, or when the next one does. */
export function startOfDay(day: string | undefined, daysLater = 0): string | undefined {
  const [year, month, date] = day?.split('-').map(Number) ?? []
  if (!year || !month || !date) return undefined
  const start = new Date(year, month - 1, date + daysLater)
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString()
}
