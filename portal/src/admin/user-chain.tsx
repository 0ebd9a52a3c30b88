import { Group, Text } from '@mantine/core'
import { Network } from 'lucide-react'
import { Link } from 'wouter'
import type { AdminUserDetail } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { LinkButton } from './link-button.tsx'
import { addressOf, usePersonName } from './people.tsx'

/** By whom a person came, by whom that one, and so on up to the root. */
export function UserChain({ user }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  const nameOf = usePersonName()
  const root = user.referrers.at(-1)?.id ?? user.id
  const isInTree = user.referrers.length > 0 || user.referrals > 0
  return (
    <Panel
      title={say('chain')}
      aside={
        isInTree ? (
          <LinkButton href={`/admin/referrals?view=tree&root=${root}`} Icon={Network}>
            {say('showInTree')}
          </LinkButton>
        ) : null
      }
    >
      {user.referrers.length === 0 ? (
        <Text size="sm">{say('isRoot')}</Text>
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="sm">
            {say('chainHint')}
          </Text>
          <ol className={styles['chain']}>
            <li>
              <Text size="sm" fw={600}>
                {nameOf(user)}
              </Text>
            </li>
            {user.referrers.map(({ id, name, code }) => (
              <li key={id}>
                <Group gap={8}>
                  <Link href={addressOf(id)} className={styles['person']}>
                    {name ?? say('erasedPerson')}
                  </Link>
                  <Text size="sm" c="dimmed">
                    {say('byCode', { code })}
                  </Text>
                </Group>
              </li>
            ))}
          </ol>
        </>
      )}
    </Panel>
  )
}
