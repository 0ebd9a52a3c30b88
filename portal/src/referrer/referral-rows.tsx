import { Group, Text, UnstyledButton } from '@mantine/core'
import table from '../blocks/table.module.css'
import { useMediaQuery } from '@mantine/hooks'
import { ChevronRight } from 'lucide-react'
import type { Referral } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { Friend, StatusBadge } from './friends.tsx'
import styles from './referrals.module.css'

interface Rows {
  items: Referral[]
  /** They are those of the page before, until the next one is there. */
  isOld: boolean
  onOpen: (referral: Referral) => void
}

/** Referrals as a table, on a phone as cards. */
export function ReferralRows(rows: Rows) {
  const isWide = useMediaQuery('(min-width: 48em)', true, { getInitialValueInEffect: false })
  return isWide ? <Wide {...rows} /> : <Cards {...rows} />
}

function Wide({ items, isOld, onOpen }: Rows) {
  const say = useWords(referrerWords)
  return (
    <table className={table['table']} aria-busy={isOld}>
      <thead>
        <tr>
          <th>{say('friend')}</th>
          <th>{say('status')}</th>
          <th className={styles['code']}>{say('code')}</th>
          <th>{say('joined')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((referral) => (
          <tr key={referral.id} className={styles['row']}>
            <td>
              <Opener referral={referral} onOpen={onOpen} />
            </td>
            <td>
              <StatusBadge status={referral.status} whole />
            </td>
            <td className={table['mono']}>{referral.code}</td>
            <td className={styles['whole']}>
              <Joined at={referral.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cards({ items, isOld, onOpen }: Rows) {
  return (
    <ul className={styles['cards']} aria-busy={isOld}>
      {items.map((referral) => (
        <li key={referral.id} className={styles['row']}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Opener referral={referral} onOpen={onOpen} />
            <ChevronRight size={18} aria-hidden className={styles['more']} />
          </Group>
          <Group justify="space-between" gap={4} mt={6}>
            <StatusBadge status={referral.status} />
            <Joined at={referral.created_at} />
          </Group>
        </li>
      ))}
    </ul>
  )
}

// The button takes the whole row, so that a click anywhere in it opens.
function Opener({ referral, onOpen }: { referral: Referral; onOpen: Rows['onOpen'] }) {
  return (
    <UnstyledButton className={styles['opener']} onClick={() => onOpen(referral)}>
      <Friend referral={referral} />
    </UnstyledButton>
  )
}

function Joined({ at }: { at: string }) {
  const { relative, dateTime } = useFormats()
  return (
    <Text size="sm" c="dimmed" component="time" dateTime={at} title={dateTime(at)}>
      {relative(at)}
    </Text>
  )
}
