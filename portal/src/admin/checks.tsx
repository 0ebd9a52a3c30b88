import { Button, Group, Text } from '@mantine/core'
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'
import type { Finding, System } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { systemWords } from '../../../src/words/admin-system.ts'
import { useWords } from '../use-words.ts'
import { Ago } from './moment.tsx'
import styles from './system.module.css'

/** What the doctor says: what was looked at, what was found, and what to do. */
export function Checks({
  system,
  isRunning,
  onRun,
}: {
  system: System
  isRunning: boolean
  onRun: () => void
}) {
  const say = useWords(systemWords)
  return (
    <Panel
      title={say('checks')}
      aside={
        <Button size="xs" variant="default" loading={isRunning} onClick={onRun}>
          {say('runChecks')}
        </Button>
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        {say('checksHint')}
      </Text>
      <ul className={styles['checks']}>
        {system.checks.map((check) => (
          <Check key={check.name} check={check} />
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt="sm" component="output" display="block">
        {system.checking ? say('stillChecking') : <Ago at={system.checked_at} />}
      </Text>
    </Panel>
  )
}

function Check({ check: { name, ok, finding, remedy } }: { check: Finding }) {
  const say = useWords(systemWords)
  const [word, Sign] =
    ok === null
      ? ([say('unknown'), CircleHelp] as const)
      : ok
        ? ([say('ok'), CircleCheck] as const)
        : ([say('wrong'), CircleX] as const)
  return (
    <li data-ok={String(ok)}>
      <Sign size={18} role="img" aria-label={word} />
      <div>
        {/* The doctor speaks English alone, as the log does. */}
        <Group gap={6} lang="en">
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="sm" c="dimmed">
            {finding}
          </Text>
        </Group>
        {remedy ? (
          <Text size="sm" lang="en">
            {say('remedy', { remedy })}
          </Text>
        ) : null}
      </div>
    </li>
  )
}
