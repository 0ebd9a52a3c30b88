import { Badge, Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Monitor, Smartphone } from 'lucide-react'
import { useState } from 'react'
import {
  endOtherSessions,
  endSession,
  listSecurityEvents,
  listSessions,
  type Session,
} from '../api/client.gen.ts'
import { all, ask, queryClient } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { toastDone, toastProblem } from '../blocks/toasts.tsx'
import { useFormats } from '../formats.ts'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'
import styles from './account.module.css'
import { isHandheld, useDeviceName } from '../blocks/device-name.ts'

const FIRST = 4

/** Where I am signed in, this device first; others can be signed out, one or all. */
export function Devices() {
  const say = useWords(accountWords)
  const sessions = useQuery(ask(listSessions, undefined))
  return (
    <Panel title={say('devices')}>
      <Block query={sessions}>{({ items }) => <List items={items} />}</Block>
    </Panel>
  )
}

function List({ items }: { items: Session[] }) {
  const say = useWords(accountWords)
  const [showsAll, setShowsAll] = useState(false)
  const sorted = items.toSorted((a, b) => Number(b.is_current) - Number(a.is_current))
  const shown = showsAll ? sorted : sorted.slice(0, FIRST)
  const ending = useMutation({
    mutationFn: () => endOtherSessions(),
    onSuccess: () => {
      toastDone(say('endedOthers'))
      return renew()
    },
    onError: toastProblem,
  })
  return (
    <>
      <ul className={styles['list']}>
        {shown.map((session) => (
          <Device key={session.id} session={session} />
        ))}
      </ul>
      <Group gap="xs" mt="md">
        {shown.length < sorted.length ? (
          <Button size="xs" variant="default" onClick={() => setShowsAll(true)}>
            {say('showMore', { count: sorted.length - shown.length })}
          </Button>
        ) : null}
        {sorted.length > 1 ? (
          <Button
            size="xs"
            variant="light"
            color="red"
            loading={ending.isPending}
            onClick={() => ending.mutate()}
          >
            {say('endOthers')}
          </Button>
        ) : null}
      </Group>
    </>
  )
}

function Device({ session }: { session: Session }) {
  const say = useWords(accountWords)
  const nameOf = useDeviceName()
  const { relative, dateTime } = useFormats()
  const ending = useMutation({
    mutationFn: () => endSession({ path: { id: session.id } }),
    onSuccess: () => {
      toastDone(say('ended'))
      return renew()
    },
    onError: toastProblem,
  })
  const { user_agent, used_at, is_current } = session
  const device = nameOf(user_agent)
  const Icon = isHandheld(user_agent) ? Smartphone : Monitor
  return (
    <li>
      <Icon size={22} aria-hidden className={styles['icon']} />
      <div className={styles['text']}>
        <Text size="sm" fw={600} title={user_agent}>
          {device}
        </Text>
        {is_current ? (
          <Badge variant="light">{say('thisDevice')}</Badge>
        ) : (
          <Text
            size="xs"
            c="dimmed"
            component="time"
            display="block"
            dateTime={used_at}
            title={dateTime(used_at)}
          >
            {say('usedAt', { when: relative(used_at) })}
          </Text>
        )}
      </div>
      {is_current ? null : (
        <Button
          size="xs"
          variant="default"
          aria-label={say('endOne', { device })}
          loading={ending.isPending}
          onClick={() => ending.mutate()}
        >
          {say('signOut')}
        </Button>
      )}
    </li>
  )
}

function renew() {
  void queryClient.invalidateQueries(all(listSecurityEvents))
  return queryClient.invalidateQueries(all(listSessions))
}
