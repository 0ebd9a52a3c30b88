import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { getCodeAvailability } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'

export type Availability = 'none' | 'wrong' | 'checking' | 'free' | 'taken'

const PAUSE_MS = 700
const CODE = /^[A-Z0-9_-]{4,32}$/

/**
 * Whether a text can still be had. Asked on a pause or on leaving the field, for the service limits how often
 * somebody may ask; where it does not say, nothing is said.
 */
export function useAvailability(text: string) {
  const wanted = text.trim().toUpperCase()
  const [paused] = useDebouncedValue(wanted, PAUSE_MS)
  const [left, setLeft] = useState('')
  const isAsked = wanted === paused || wanted === left
  const isText = CODE.test(wanted)
  const query = useQuery({
    ...ask(getCodeAvailability, { path: { code: wanted } }),
    enabled: isText && isAsked,
    retry: false,
    staleTime: 60_000,
  })
  const availability = (): Availability => {
    if (wanted === '') return 'none'
    if (!isText) return isAsked ? 'wrong' : 'none'
    if (!isAsked) return 'none'
    if (query.data) return query.data.is_available ? 'free' : 'taken'
    return query.isError ? 'none' : 'checking'
  }
  return { availability: availability(), onLeave: () => setLeft(wanted) }
}
