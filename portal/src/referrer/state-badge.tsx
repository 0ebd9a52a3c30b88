import { Badge } from '@mantine/core'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import type { CodeState } from './codes.ts'

/** What a code is, in a word and a colour. */
export function StateBadge({ state, size = 'lg' }: { state: CodeState; size?: 'md' | 'lg' }) {
  const say = useWords(referrerWords)
  const { word, color } = STATES[state]
  return (
    <Badge variant="light" miw="max-content" size={size} color={color}>
      {say(word)}
    </Badge>
  )
}

const STATES = {
  active: { word: 'isActive', color: 'leaf' },
  soon: { word: 'isExpiring', color: 'yellow' },
  expired: { word: 'isExpired', color: 'gray' },
  retired: { word: 'isRetired', color: 'gray' },
} as const
