import { Button } from '@mantine/core'
import { X } from 'lucide-react'
import { auditWords } from '../../../src/words/admin-audit.ts'
import { useWords } from '../use-words.ts'

/** A filter that a link has set; pressing it takes it away. */
export function FilterMark({ text, onTakeAway }: { text: string; onTakeAway: () => void }) {
  const say = useWords(auditWords)
  return (
    <Button
      size="xs"
      radius="xl"
      variant="light"
      rightSection={<X size={14} aria-hidden />}
      aria-label={say('takeAway', { filter: text })}
      onClick={onTakeAway}
    >
      {text}
    </Button>
  )
}
