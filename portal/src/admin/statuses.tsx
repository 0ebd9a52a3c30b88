import { Badge } from '@mantine/core'
import type { AdminCode, AdminReferral } from '../api/client.gen.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'

export const STATUSES = ['pending', 'confirmed', 'review', 'refused'] as const
export const STATES = ['active', 'expiring', 'expired', 'retired'] as const

const LOOKS = {
  pending: { word: 'isPending', color: 'blue' },
  confirmed: { word: 'isConfirmed', color: 'leaf' },
  review: { word: 'review', color: 'yellow' },
  refused: { word: 'isRefused', color: 'red' },
  active: { word: 'isActive', color: 'leaf' },
  expiring: { word: 'isExpiring', color: 'yellow' },
  expired: { word: 'isExpired', color: 'gray' },
  retired: { word: 'isRetired', color: 'gray' },
} as const

/** What became of a referral so far. */
export const StatusBadge = ({ status }: Pick<AdminReferral, 'status'>) => <WordBadge of={status} />

/** What a code is. */
export const StateBadge = ({ state }: Pick<AdminCode, 'state'>) => <WordBadge of={state} />

function WordBadge({ of }: { of: keyof typeof LOOKS }) {
  const say = useWords(allReferralsWords)
  const { word, color } = LOOKS[of]
  return (
    <Badge variant="light" color={color} miw="max-content">
      {say(word)}
    </Badge>
  )
}
