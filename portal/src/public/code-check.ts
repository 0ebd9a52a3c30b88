import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { checkCode } from '../api/client.gen.ts'
import { isProblem } from '../api/problem.ts'
import { ask } from '../api/queries.ts'

export type CodeState =
  | { kind: 'none' | 'checking' | 'expired' | 'retired' | 'unknown' | 'unchecked' }
  | { kind: 'active'; name: string | null }

/** The code of a registration: what is in the field, and what is known of what was last checked. */
export interface CodeField {
  text: string
  /** Puts it into the field; what is known of the code before is forgotten. */
  type: (text: string) => void
  /** Asks whether it works; on leaving the field. */
  check: () => void
  clear: () => void
  state: CodeState
}

/**
 * Starts with the code of the link, and with what the share link found out about it: an expired, retired or
 * unknown one need not be asked for again.
 */
export function useCode(invited: string): CodeField {
  const [parameters] = useSearchParams()
  const [text, setText] = useState(invited.toUpperCase())
  const [checked, setChecked] = useState(text)
  const found = knownState(parameters.get('state'))
  const known = checked !== '' && checked === invited.toUpperCase() ? found : undefined
  const query = useQuery({
    ...ask(checkCode, { path: { code: checked } }),
    enabled: checked !== '' && !known,
    retry: false,
  })
  const isCurrent = text === checked
  return {
    text,
    type: setText,
    check: () => {
      const tidy = text.trim().toUpperCase()
      setText(tidy)
      setChecked(tidy)
    },
    clear: () => {
      setText('')
      setChecked('')
    },
    state: isCurrent && checked !== '' ? (known ?? stateOf(query)) : { kind: 'none' },
  }
}

type Checked = { is_active: boolean; expires_at: string; referrer_name: string | null } | null

function stateOf({ data, error }: { data: Checked | undefined; error: unknown }): CodeState {
  if (data?.is_active) return { kind: 'active', name: data.referrer_name }
  if (data) return { kind: new Date(data.expires_at) <= new Date() ? 'expired' : 'retired' }
  if (!error) return { kind: 'checking' }
  const isUnknown = isProblem(error) && (error.status === 404 || error.status === 422)
  return { kind: isUnknown ? 'unknown' : 'unchecked' }
}

function knownState(state: string | null): CodeState | undefined {
  const known = state === 'expired' || state === 'retired' || state === 'unknown'
  return known ? { kind: state } : undefined
}
