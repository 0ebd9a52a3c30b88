import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FailedJob, listFailedJobs, type Queue, retryJob } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { all, queryClient } from '../api/queries.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { toastDone, toastProblem } from '../blocks/toasts.tsx'
import { useFormats } from '../formats.ts'
import { systemWords } from '../../../src/words/admin-system.ts'
import { useWords } from '../use-words.ts'
import { LinkButton } from './link-button.tsx'
import { Ago } from './moment.tsx'
import { addressOf } from './people.tsx'
import styles from './system.module.css'

/** The queues, and the jobs that failed for good, to try again. */
export function FailedJobs() {
  const say = useWords(systemWords)
  const jobs = useQuery(ask(listFailedJobs, { query: { size: 20 } }))
  return (
    <Panel title={say('queue')}>
      <Block query={jobs}>
        {({ items, queues }) => (
          <>
            <Queues queues={queues} />
            <Text size="sm" fw={600} mt="md" mb={items.length > 0 ? 'xs' : 0}>
              {items.length > 0 ? say('failedJobs') : say('noFailed')}
            </Text>
            <ul className={styles['jobs']}>
              {items.map((job) => (
                <Job key={job.id} job={job} />
              ))}
            </ul>
          </>
        )}
      </Block>
    </Panel>
  )
}

function Queues({ queues }: { queues: Queue[] }) {
  const say = useWords(systemWords)
  const { number } = useFormats()
  return (
    <table className={styles['queues']}>
      <thead>
        <tr>
          <th scope="col">{say('job')}</th>
          <th scope="col">{say('waiting')}</th>
          <th scope="col">{say('active')}</th>
          <th scope="col">{say('isFailed')}</th>
        </tr>
      </thead>
      <tbody>
        {queues.map(({ name, waiting, active, failed }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{number(waiting)}</td>
            <td>{number(active)}</td>
            <td data-failed={failed > 0}>{number(failed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Job({ job: { id, name, mail, user_id, tries, reason, failed_at } }: { job: FailedJob }) {
  const say = useWords(systemWords)
  const retrying = useSubmit(
    () => retryJob({ path: { id } }, { idempotencyKey: keyFor(['retry', id, failed_at]) }),
    {
      onSuccess: () => {
        toastDone(say('retried'))
        return queryClient.invalidateQueries(all(listFailedJobs))
      },
      onError: toastProblem,
    },
  )
  return (
    <li>
      <Text size="sm" fw={600}>
        {mail ? `${name} · ${mail}` : name}
      </Text>
      <Text size="sm" lang="en">
        {reason}
      </Text>
      <Group justify="space-between" gap="xs" mt={4}>
        <Text size="xs" c="dimmed">
          {say('tries', { count: tries })} · <Ago at={failed_at} />
        </Text>
        <Group gap={6}>
          {user_id ? <LinkButton href={addressOf(user_id)}>{say('jobConcerns')}</LinkButton> : null}
          <Button size="xs" loading={retrying.isPending} onClick={() => retrying.mutate(undefined)}>
            {say('retry')}
          </Button>
        </Group>
      </Group>
    </li>
  )
}
