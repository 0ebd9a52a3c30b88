import { useSearchParams } from 'wouter'
import type { Referral } from '../api/client.gen.ts'

export type Status = Referral['status']
export const STATUSES: Status[] = ['pending', 'confirmed', 'review', 'refused']

interface Values {
  q: string | undefined
  status: Status | undefined
  page: number
}

export interface Filters {
  values: Values
  isFiltered: boolean
  search: (q: string) => void
  choose: (status: Status | undefined) => void
  turnTo: (page: number) => void
  clear: () => void
}

/** What the list is narrowed to, kept in the address: it can be sent, and survives a reload. */
export function useFilters(): Filters {
  const [parameters, setParameters] = useSearchParams()
  const status = STATUSES.find((one) => one === parameters.get('status'))
  const q = parameters.get('q')?.slice(0, 100) || undefined
  const page = Math.max(1, Math.trunc(Number(parameters.get('page')) || 1))

  const change = (changes: Record<string, string | undefined>, replace = false) =>
    setParameters(
      (now) => {
        const next = new URLSearchParams(now)
        for (const [name, value] of Object.entries(changes)) {
          if (value) next.set(name, value)
          else next.delete(name)
        }
        return next
      },
      { replace },
    )

  return {
    values: { q, status, page },
    isFiltered: q !== undefined || status !== undefined,
    // Going back leads to the list before the search, not to each letter of it.
    search: (q) => change({ q, page: undefined }, true),
    choose: (wanted) => change({ status: wanted, page: undefined }),
    turnTo: (wanted) => change({ page: wanted > 1 ? String(wanted) : undefined }),
    clear: () => change({ q: undefined, status: undefined, page: undefined }),
  }
}
