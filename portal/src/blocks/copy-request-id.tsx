import { Button } from '@mantine/core'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useCopy } from './copy.ts'

/** Copies the id that names a request in the log of the service. */
export function CopyRequestId({ id }: { id: string }) {
  const say = useWords(commonWords)
  const { copied, copy } = useCopy()
  return (
    <Button
      size="xs"
      variant="subtle"
      title={say('requestId', { id })}
      onClick={() => void copy(id)}
    >
      {copied ? say('copied') : say('copyRequestId')}
    </Button>
  )
}
