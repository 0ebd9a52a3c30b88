import { useQuery } from '@tanstack/react-query'
import { type Code, listCodes } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { useRetiring } from './retiring.ts'
import { useNow } from './use-now.ts'

export type CodeState = 'active' | 'soon' | 'expired' | 'retired'

export const CODES_SIZE = 8
/** The last hours of a code, in which its end is shown to come. */
export const SOON_MS = 72 * 3_600_000

export const codesPage = (page: number) => ask(listCodes, { query: { page, size: CODES_SIZE } })

/** My codes, the newest first: it alone can be active. */
export const useCodes = () => useQuery(codesPage(1))

/** Tells what a code is by now; one that is being switched off counts as switched off. */
export function useCodeState(): (code: Code) => CodeState {
  const now = useNow(60_000)
  const retiring = useRetiring()
  return (code) => (code.code === retiring ? 'retired' : stateOf(code, now))
}

// By the clock of this device; what the service calls inactive is over in any case.
function stateOf(code: Code, now: number): CodeState {
  if (code.retired_at && code.retired_at < code.expires_at) return 'retired'
  const left = Date.parse(code.expires_at) - now
  if (!code.is_active || left <= 0) return 'expired'
  return left < SOON_MS ? 'soon' : 'active'
}

export const isOver = (state: CodeState) => state === 'expired' || state === 'retired'
