import { Text } from '@mantine/core'
import type { Overview } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { Bar } from './funnel.tsx'
import { PersonLink } from './people.tsx'

/** Who brought most people in the period. */
export function TopReferrers({ referrers }: { referrers: Overview['top_referrers'] }) {
  const say = useWords(figuresWords)
  const most = Math.max(1, ...referrers.map(({ registrations }) => registrations))
  return (
    <Panel title={say('topReferrers')}>
      {referrers.length === 0 ? (
        <Text size="sm">{say('nobodyYet')}</Text>
      ) : (
        <ol className={styles['bars']}>
          {referrers.map(({ referrer, registrations, confirmed }) => (
            <li key={referrer.id}>
              <span className={styles['barLine']}>
                <PersonLink person={referrer} />
                <Text size="sm" c="dimmed" span>
                  {say('broughtWords', { registrations, confirmed })}
                </Text>
              </span>
              <Bar share={registrations / most} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
