import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ChevronRight, CircleCheck, Clock, MailX, PlugZap, ShieldQuestion } from 'lucide-react'
import { Link } from 'wouter'
import { getSystem, type Overview } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Panel } from '../blocks/panel.tsx'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'

/** What an administrator should look at, leading to where. */
export function ToDo({ toDo }: { toDo: Overview['to_do'] }) {
  const say = useWords(figuresWords)
  const { data: system } = useQuery(ask(getSystem, { query: {} }))
  const resting = system?.integrations.filter(({ state }) => state === 'resting') ?? []
  const { mails_failed, codes_expiring, referrals_in_review } = toDo
  const items = [
    ...present(referrals_in_review, {
      href: '/admin/referrals?status=review',
      Icon: ShieldQuestion,
      text: say('inReview', { count: referrals_in_review }),
    }),
    ...present(mails_failed, {
      href: '/admin/system',
      Icon: MailX,
      text: say('mailsFailed', { count: mails_failed }),
    }),
    ...resting.map(({ name }) => ({
      href: '/admin/system',
      Icon: PlugZap,
      text: say('integrationFails', { name }),
    })),
    ...present(codes_expiring, {
      href: '/admin/codes?state=expiring',
      Icon: Clock,
      text: say('codesExpiring', { count: codes_expiring }),
    }),
  ]
  return (
    <Panel title={say('toDo')}>
      {items.length === 0 ? (
        <Group gap="xs">
          <CircleCheck size={18} aria-hidden />
          <Text size="sm">{say('allDone')}</Text>
        </Group>
      ) : (
        <ul className={styles['toDo']}>
          {items.map(({ href, Icon, text }) => (
            <li key={text}>
              <Link href={href}>
                <Icon size={18} aria-hidden />
                <span>{text}</span>
                <ChevronRight size={16} aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

const present = <T,>(count: number, item: T): T[] => (count > 0 ? [item] : [])
