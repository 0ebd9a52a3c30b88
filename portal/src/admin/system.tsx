import { Badge } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { getSystem } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Page } from '../layout/page.tsx'
import { systemWords } from '../../../src/words/admin-system.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { Checks } from './checks.tsx'
import { FailedJobs } from './failed-jobs.tsx'
import { Outbox } from './outbox.tsx'
import { SystemFacts } from './system-facts.tsx'

const STILL_MS = 2000

/** What runs here and whether it is well; the jobs behind it, and the mails. */
export function System() {
  const say = useWords(systemWords)
  const [withData, setWithData] = useState(false)
  const system = useQuery({
    ...ask(getSystem, { query: { checks: withData } }),
    placeholderData: (before) => before,
    // More is being looked at: it is asked again until all is known.
    refetchInterval: ({ state }) => (state.data?.checking ? STILL_MS : false),
  })
  return (
    <Page
      title={say('system')}
      aside={
        system.data ? (
          <Badge size="lg" variant="light" color={system.data.ok ? 'leaf' : 'red'}>
            {system.data.ok ? say('well') : say('notWell')}
          </Badge>
        ) : null
      }
    >
      <div className={styles['columns']}>
        <div className={styles['stack']}>
          <Block query={system}>
            {(found) => (
              <Checks
                system={found}
                isRunning={system.isFetching}
                onRun={() => (withData ? void system.refetch() : setWithData(true))}
              />
            )}
          </Block>
          <Outbox />
        </div>
        <div className={styles['stack']}>
          {system.data ? <SystemFacts system={system.data} /> : null}
          <FailedJobs />
        </div>
      </div>
    </Page>
  )
}
