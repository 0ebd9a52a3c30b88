import { Badge } from '@mantine/core'
import type { Referral } from '../api/client.gen.ts'
import { Named } from '../blocks/named.tsx'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'

type Names = Pick<Referral, 'username' | 'email'>

/** What a friend is called: by the username, else by the address; whoever was deleted has neither. */
export function useFriendName() {
  const say = useWords(referrerWords)
  return ({ username, email }: Names) => username ?? email ?? say('somebodyErased')
}

/** A friend: the name, and the address below where there is another name. */
export function Friend({ referral }: { referral: Referral }) {
  const nameOf = useFriendName()
  return <Named name={nameOf(referral)} person={referral} />
}

/** The status, named by what comes next. */
export function StatusBadge({
  status,
  whole = false,
}: Pick<Referral, 'status'> & {
  /** In one line: in a table, which is as wide as it needs to be. */
  whole?: boolean
}) {
  const say = useWords(referrerWords)
  const { word, color } = STATUSES[status]
  return (
    <Badge
      variant="light"
      color={color}
      fw={600}
      {...(whole ? { miw: 'max-content' } : { styles: WRAPPING })}
    >
      {say(word)}
    </Badge>
  )
}

const STATUSES = {
  pending: { word: 'nextPending', color: 'blue' },
  confirmed: { word: 'nextConfirmed', color: 'leaf' },
  review: { word: 'nextReview', color: 'yellow' },
  refused: { word: 'nextRefused', color: 'red' },
} as const

// The words are whole sentences: on a phone they take two lines.
const WRAPPING = {
  root: { height: 'auto', paddingBlock: 3 },
  label: { whiteSpace: 'normal', textAlign: 'start', lineHeight: 1.3 },
} as const
