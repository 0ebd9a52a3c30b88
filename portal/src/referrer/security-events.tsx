import { Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listSecurityEvents, type SecurityEvent } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Pager } from '../blocks/pager.tsx'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'
import styles from './account.module.css'
import { useDeviceName } from '../blocks/device-name.ts'

const SIZE = 5

/** What happened to the account, so that somebody notices what they did not do themselves. */
export function SecurityEvents() {
  const say = useWords(accountWords)
  const [page, setPage] = useState(1)
  const events = useQuery({
    ...ask(listSecurityEvents, { query: { page, size: SIZE } }),
    placeholderData: keepPreviousData,
  })
  return (
    <Panel title={say('events')}>
      <Block query={events}>
        {({ items, total }) => (
          <>
            {total === 0 ? (
              <Text size="sm" c="dimmed">
                {say('noEvents')}
              </Text>
            ) : null}
            <ul className={styles['list']} aria-busy={events.isPlaceholderData}>
              {items.map((event) => (
                <Event key={event.id} event={event} />
              ))}
            </ul>
            <Pager page={page} size={SIZE} total={total} onPage={setPage} />
          </>
        )}
      </Block>
    </Panel>
  )
}

function Event({ event: { action, at, by, device } }: { event: SecurityEvent }) {
  const say = useWords(accountWords)
  const nameOf = useDeviceName()
  const { relative, dateTime } = useFormats()
  const notes = [
    by === 'administrator' ? say('byAdministrator') : null,
    device === null ? null : nameOf(device),
  ].filter((note) => note !== null)
  return (
    <li>
      <div className={styles['text']}>
        <Text size="sm" fw={600}>
          {say(ACTIONS[action])}
        </Text>
        {notes.length > 0 ? (
          <Text size="xs" c="dimmed">
            {notes.join(' · ')}
          </Text>
        ) : null}
      </div>
      <Text size="xs" c="dimmed" component="time" dateTime={at} title={dateTime(at)}>
        {relative(at)}
      </Text>
    </li>
  )
}

const ACTIONS = {
  'user.blocked': 'userBlocked',
  'user.unblocked': 'userUnblocked',
  'user.role_changed': 'userRoleChanged',
  'user.sessions_ended': 'userSessionsEnded',
  'user.reset_sent': 'userResetSent',
  'user.invited': 'userInvited',
  'code.retired': 'codeRetired',
  'code.extended': 'codeExtended',
  'account.password_changed': 'passwordChanged',
  'account.password_reset': 'passwordReset',
  'account.invitation_accepted': 'invitationAccepted',
  'account.email_verified': 'emailVerified',
  'account.new_device': 'newDevice',
  'account.session_ended': 'sessionEnded',
} as const satisfies Record<SecurityEvent['action'], string>
