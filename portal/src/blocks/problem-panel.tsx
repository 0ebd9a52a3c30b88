import { Alert, Button, Group, Text } from '@mantine/core'
import { isProblem } from '../api/problem.ts'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import { CopyRequestId } from './copy-request-id.tsx'
import { useProblemText } from './problem-text.ts'

/** A problem where it happened: what to do, and a way to try again. */
export function ProblemPanel({ problem, onRetry }: { problem: unknown; onRetry?: () => void }) {
  const say = useWords(commonWords)
  const { title, detail, requestId } = useProblemText(problem)
  // A refusal says what to do; only a fault is looked for in the log.
  const isOurFault = isProblem(problem) && problem.status >= 500
  return (
    <Alert color="red" variant="light" role="alert" title={title || say('loadFailed')}>
      <Text size="sm">{detail}</Text>
      <Group gap="xs" mt="sm">
        {onRetry ? (
          <Button size="xs" variant="default" onClick={onRetry}>
            {say('retry')}
          </Button>
        ) : null}
        {isOurFault && requestId ? <CopyRequestId id={requestId} /> : null}
      </Group>
    </Alert>
  )
}
