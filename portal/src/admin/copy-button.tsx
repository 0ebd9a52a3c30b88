import { Button } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useCopy } from '../blocks/copy.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'

/** The end of a long id, which copies all of it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const say = useWords(commonWords)
  const { copied, copy } = useCopy()
  const Sign = copied ? Check : Copy
  return (
    <Button
      size="compact-xs"
      variant="default"
      ff="monospace"
      fw={400}
      title={text}
      aria-label={`${copied ? say('copied') : label} …${text.slice(-6)}`}
      rightSection={<Sign size={12} aria-hidden />}
      onClick={() => void copy(text)}
    >
      …{text.slice(-6)}
    </Button>
  )
}
