import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CSSProperties } from 'react'
import { getReferralSummary, type Summary } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { AfterAWhile } from '../blocks/skeletons.tsx'
import { useFormats } from '../formats.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import styles from './home.module.css'

const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()

/** How many clicks became registrations and how many of those were confirmed, in the last 30 days. */
export function Funnel() {
  const say = useWords(referrerWords)
  const summary = useQuery(
    ask(getReferralSummary, {
      path: { user_id: 'me' },
      query: { time_zone: timeZone },
    }),
  )
  const skeleton = (
    <AfterAWhile>
      <Skeleton height={150} />
    </AfterAWhile>
  )
  return (
    <Panel title={say('funnel')}>
      <Block query={summary} skeleton={skeleton}>
        {(summary) => <Steps summary={summary} />}
      </Block>
    </Panel>
  )
}

function Steps({ summary }: { summary: Summary }) {
  const say = useWords(referrerWords)
  const { number, percent } = useFormats()
  const { clicks, registrations, confirmed, registration_rate, confirmation_rate } = summary
  const most = Math.max(clicks, registrations, confirmed, 1)
  // Codes that are typed in have no click before them: a share of more than all would say nothing.
  const share = (rate: number | null) => (rate === null || rate > 1 ? null : percent(rate))
  const steps = [
    { name: say('clicks'), count: clicks, note: null },
    {
      name: say('registrations'),
      count: registrations,
      note: withShare('ofClicks', registration_rate),
    },
    {
      name: say('confirmed'),
      count: confirmed,
      note: withShare('ofRegistrations', confirmation_rate),
    },
  ]
  return (
    <ol className={styles['funnel']}>
      {steps.map(({ name, count, note }) => (
        <li key={name}>
          <span className={styles['step']}>
            <span>{name}</span>
            <strong>{number(count)}</strong>
          </span>
          <span className={styles['track']} aria-hidden>
            <span style={{ '--share': count / most } as CSSProperties} />
          </span>
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        </li>
      ))}
    </ol>
  )

  function withShare(word: 'ofClicks' | 'ofRegistrations', rate: number | null) {
    const text = share(rate)
    return text === null ? null : say(word, { share: text })
  }
}
