import { Group, Text } from '@mantine/core'
import type { AdminUserDetail } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import { LinkButton } from './link-button.tsx'
import { Moment } from './moment.tsx'

/** The code that works now, and how many there were. */
export function UserCode({ user: { id, active_code, codes } }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  return (
    <Panel
      title={say('code')}
      aside={
        codes > 0 ? <LinkButton href={`/admin/codes?q=${id}`}>{say('showAll')}</LinkButton> : null
      }
    >
      {active_code ? (
        <Group justify="space-between" gap="xs">
          <Text ff="monospace" fw={700} size="lg">
            {active_code.code}
          </Text>
          <Text size="sm" c="dimmed">
            {say('expires')} <Moment at={active_code.expires_at} />
          </Text>
        </Group>
      ) : (
        <Text size="sm">{say('noCode')}</Text>
      )}
      {codes > 0 ? (
        <Text size="sm" c="dimmed" mt={4}>
          {say('codesSoFar', { count: codes })}
        </Text>
      ) : null}
    </Panel>
  )
}
