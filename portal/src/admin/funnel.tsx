import { Text } from '@mantine/core'
import type { CSSProperties } from 'react'
import type { Overview } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'

/** How many of the clicks became registrations, and how many of those were confirmed. */
export function AdminFunnel({ figures }: { figures: Overview }) {
  const say = useWords(figuresWords)
  const { percent, number } = useFormats()
  const { clicks, registrations, confirmed, registration_rate, confirmation_rate } = figures
  const most = Math.max(clicks, registrations, 1)
  // Codes that are typed in have no click before them: a share of more than all would say nothing.
  const share = (rate: number | null) => (rate === null || rate > 1 ? null : percent(rate))
  const [ofClicks, ofRegistrations] = [share(registration_rate), share(confirmation_rate)]
  const steps = [
    { name: say('clicks'), count: clicks, note: null },
    {
      name: say('registrations'),
      count: registrations,
      note: ofClicks && say('ofClicks', { share: ofClicks }),
    },
    {
      name: say('confirmed'),
      count: confirmed,
      note: ofRegistrations && say('ofRegistrations', { share: ofRegistrations }),
    },
  ]
  return (
    <Panel title={say('funnel')}>
      <ol className={styles['bars']}>
        {steps.map(({ name, count, note }) => (
          <li key={name}>
            <span className={styles['barLine']}>
              <span>{name}</span>
              <strong>{number(count)}</strong>
            </span>
            <Bar share={count / most} />
            {note ? (
              <Text size="xs" c="dimmed">
                {note}
              </Text>
            ) : null}
          </li>
        ))}
      </ol>
    </Panel>
  )
}

/** A bar as long as its share of the longest. */
export function Bar({ share }: { share: number }) {
  return (
    <span className={styles['bar']} aria-hidden>
      <span style={{ '--share': share } as CSSProperties} />
    </span>
  )
}
