import { Anchor, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listReferrals } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { Empty } from './empty.tsx'
import { Friend, StatusBadge } from './friends.tsx'
import styles from './home.module.css'

/** The five who came last. */
export function Latest() {
  const say = useWords(referrerWords)
  const { relative, dateTime } = useFormats()
  const latest = useQuery(ask(listReferrals, { path: { user_id: 'me' }, query: { size: 5 } }))
  const hasSome = Boolean(latest.data?.items.length)
  const aside = hasSome ? (
    <Anchor component={Link} href="/referrals" size="sm">
      {say('showAll')}
    </Anchor>
  ) : null
  return (
    <Panel title={say('latest')} aside={aside}>
      <Block query={latest}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={say('emptyTitle')} hint={say('emptyHint')} />
          ) : (
            <Stack gap="md" component="ul" className={styles['plain']}>
              {items.map((referral) => (
                <li key={referral.id} className={styles['friend']}>
                  <Friend referral={referral} />
                  <div>
                    <StatusBadge status={referral.status} />
                  </div>
                  <Text
                    size="xs"
                    c="dimmed"
                    component="time"
                    dateTime={referral.created_at}
                    title={dateTime(referral.created_at)}
                  >
                    {relative(referral.created_at)}
                  </Text>
                </li>
              ))}
            </Stack>
          )
        }
      </Block>
    </Panel>
  )
}
