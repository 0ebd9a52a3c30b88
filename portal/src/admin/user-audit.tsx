import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type AdminUserDetail, listUserAudit } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { auditWords } from '../../../src/words/admin-audit.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { Actor, Told } from './audit-words.tsx'
import { LinkButton } from './link-button.tsx'
import { Ago } from './moment.tsx'

const SHOWN = 8

/** What happened to an account, the newest first. */
export function UserAudit({ user: { id, role } }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  const sayAudit = useWords(auditWords)
  const input = { path: { user_id: id }, query: { size: SHOWN } }
  const events = useQuery(ask(listUserAudit, input))
  return (
    <Panel
      title={say('auditOf')}
      aside={
        <Group gap={6}>
          {role === 'admin' ? (
            <LinkButton href={`/admin/audit?actor=${id}`}>{sayAudit('theirActs')}</LinkButton>
          ) : null}
          {events.data?.next_cursor ? (
            <LinkButton href={`/admin/audit?user=${id}`}>{say('showAll')}</LinkButton>
          ) : null}
        </Group>
      }
    >
      <Block query={events}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{say('noAudit')}</Text>
          ) : (
            <ul className={styles['lines']}>
              {items.map((event) => (
                <li key={event.id}>
                  <Told event={event} />
                  <Text size="sm" c="dimmed" component="div">
                    <Actor event={event} /> · <Ago at={event.at} />
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
