import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type AdminUserDetail, listAllReferrals } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { LinkButton } from './link-button.tsx'
import { Ago } from './moment.tsx'
import { PersonLink } from './people.tsx'
import { StatusBadge } from './statuses.tsx'

const SHOWN = 5

/** The newest of those who came by a person. */
export function UserReferrals({ user }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  const { id, referrals: all, referrals_confirmed: confirmed } = user
  const referrals = useQuery(ask(listAllReferrals, { query: { referrer_id: id, size: SHOWN } }))
  return (
    <Panel
      title={say('referrals')}
      aside={
        all > SHOWN ? (
          <LinkButton href={`/admin/referrals?referrer=${id}`}>{say('showAll')}</LinkButton>
        ) : null
      }
    >
      <Text size="sm" c="dimmed" mb={all > 0 ? 'sm' : 0}>
        {all > 0 ? say('countsOf', { confirmed, all }) : say('noReferrals')}
      </Text>
      {all > 0 ? (
        <Block query={referrals}>
          {({ items }) => (
            <ul className={styles['lines']}>
              {items.map((referral) => (
                <li key={referral.id}>
                  <PersonLink person={referral.referred} />
                  <Group gap="sm">
                    <StatusBadge status={referral.status} />
                    <Text size="sm" c="dimmed">
                      <Ago at={referral.created_at} />
                    </Text>
                  </Group>
                </li>
              ))}
            </ul>
          )}
        </Block>
      ) : null}
    </Panel>
  )
}
