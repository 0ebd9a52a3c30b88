import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { listUserSessions } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { useDeviceName } from '../blocks/device-name.ts'
import { Panel } from '../blocks/panel.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { Ago } from './moment.tsx'

/** Where a person is signed in. */
export function UserSessions({ userId }: { userId: string }) {
  const say = useWords(adminWords)
  const nameOf = useDeviceName()
  const sessions = useQuery(ask(listUserSessions, { path: { user_id: userId } }))
  return (
    <Panel title={say('sessions')}>
      <Block query={sessions}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{say('noSessions')}</Text>
          ) : (
            <ul className={styles['lines']}>
              {items.map(({ id, user_agent, used_at }) => (
                <li key={id}>
                  <Text size="sm" title={user_agent}>
                    {nameOf(user_agent)}
                  </Text>
                  <Text size="sm" c="dimmed">
                    <Ago at={used_at} />
                  </Text>
                </li>
              ))}
            </ul>
          )
        }
      </Block>
    </Panel>
  )
}
