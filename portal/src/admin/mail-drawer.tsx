import { Drawer, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { getOutboxMail, type OutboxMail } from '../api/client.gen.ts'
import { Block } from '../blocks/block.tsx'
import { systemWords } from '../../../src/words/admin-system.ts'
import { useWords } from '../use-words.ts'
import { textOf } from './mail-text.ts'
import { Moment } from './moment.tsx'
import styles from './system.module.css'

/** A mail as text: nothing in it is drawn or followed. */
export function MailDrawer({ mail, onClose }: { mail: OutboxMail; onClose: () => void }) {
  const say = useWords(systemWords)
  const [isRaw, setRaw] = useState(false)
  const source = useQuery({
    queryKey: [getOutboxMail.id, mail.name],
    queryFn: async () => (await getOutboxMail({ path: { name: mail.name } })).text(),
  })
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={mail.subject}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {say('mailTo')}: {mail.to} · <Moment at={mail.created_at} />
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={say('mailSource')}
          value={isRaw ? 'raw' : 'text'}
          data={[
            { value: 'text', label: say('mailAsText') },
            { value: 'raw', label: say('mailRaw') },
          ]}
          onChange={(value) => setRaw(value === 'raw')}
        />
        <Block query={source}>
          {(text) => <pre className={styles['mail']}>{isRaw ? text : textOf(text)}</pre>}
        </Block>
      </Stack>
    </Drawer>
  )
}
