import { Button, Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Mail } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { listOutbox, type OutboxMail, sendTestMail } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { toastDone, toastProblem } from '../blocks/toasts.tsx'
import { systemWords } from '../../../src/words/admin-system.ts'
import { useWords } from '../use-words.ts'
import { Ago } from './moment.tsx'
import styles from './system.module.css'

const MailDrawer = lazy(async () => ({ default: (await import('./mail-drawer.tsx')).MailDrawer }))

/** The newest mails that were written into files, to open; and a mail to oneself, to see whether it arrives. */
export function Outbox() {
  const say = useWords(systemWords)
  const mails = useQuery(ask(listOutbox, { query: { size: 10 } }))
  const [opened, setOpened] = useState<OutboxMail>()
  return (
    <Panel title={say('outboxTitle')} aside={<SendTest onSent={() => void mails.refetch()} />}>
      <Block query={mails}>
        {({ items, transport }) => (
          <>
            <Text size="sm" c="dimmed" mb="sm">
              {transport === 'smtp' ? say('outboxSmtp') : say('outboxHint')}
            </Text>
            {transport === 'outbox' && items.length === 0 ? (
              <Text size="sm">{say('outboxEmpty')}</Text>
            ) : null}
            <ul className={styles['mails']}>
              {items.map((mail) => (
                <li key={mail.name}>
                  <UnstyledButton onClick={() => setOpened(mail)}>
                    <Mail size={18} aria-hidden />
                    <span>
                      <Text size="sm" fw={600} span>
                        {mail.subject}
                      </Text>
                      <Text size="xs" c="dimmed" span>
                        {mail.to} · <Ago at={mail.created_at} />
                      </Text>
                    </span>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          </>
        )}
      </Block>
      <Suspense>
        {opened ? <MailDrawer mail={opened} onClose={() => setOpened(undefined)} /> : null}
      </Suspense>
    </Panel>
  )
}

function SendTest({ onSent }: { onSent: () => void }) {
  const say = useWords(systemWords)
  // Sent again because no answer came it is one mail, pressed again after one it is another.
  const [askedAt, setAskedAt] = useState(() => Date.now())
  const sending = useSubmit(
    () => sendTestMail(undefined, { idempotencyKey: keyFor(['test mail', askedAt]) }),
    {
      onSuccess: () => {
        toastDone(say('testSent'))
        setAskedAt(Date.now())
        onSent()
      },
      onError: toastProblem,
    },
  )
  return (
    <Button
      size="xs"
      variant="default"
      loading={sending.isPending}
      onClick={() => sending.mutate(undefined)}
    >
      {say('sendTest')}
    </Button>
  )
}
