import { Button, type ButtonProps, VisuallyHidden } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { type Ref } from 'react'
import { useCopy } from '../blocks/copy.ts'
import { useShortcut } from '../shortcuts.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'

interface Props extends ButtonProps {
  url: string
  /** The button says what it copies: there is no link beside it. */
  long?: boolean
  ref?: Ref<HTMLButtonElement>
}

/** Copies the share link, also by the key `c`, and says so. */
export function CopyLink({ url, long = false, ref, ...props }: Props) {
  const say = useWords(referrerWords)
  const { copied, copy } = useCopy()
  useShortcut('c', say('copyLink'), () => void copy(url))
  return (
    <>
      <Button
        ref={ref}
        aria-label={copied ? undefined : say('copyLink')}
        aria-keyshortcuts="c"
        leftSection={copied ? <Check size={18} /> : <Copy size={18} />}
        onClick={() => void copy(url)}
        {...props}
      >
        {copied ? say('copied') : long ? say('copyLink') : say('copy')}
      </Button>
      <VisuallyHidden component="output">{copied ? say('linkCopied') : ''}</VisuallyHidden>
    </>
  )
}
