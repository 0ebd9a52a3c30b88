import { CloseButton, Kbd, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useShortcut } from '../shortcuts.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'
import styles from './filters.module.css'

const PAUSE_MS = 300

/** Searches as one types; `q` is what the list shows by now. The key `/` leads here. */
export function SearchField({
  q = '',
  label,
  onSearch,
}: {
  q: string | undefined
  label: string
  onSearch: (q: string) => void
}) {
  const say = useWords(commonWords)
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(q)
  const searchLater = useDebouncedCallback((next: string) => onSearch(next.trim()), PAUSE_MS)
  useShortcut('/', say('search'), () => input.current?.focus())
  // The address changes without the field too.
  const [shown, setShown] = useState(q)
  if (shown !== q) {
    setShown(q)
    if (text.trim() !== q) setText(q)
  }
  useEffect(() => searchLater.cancel, [searchLater])

  const type = (next: string) => {
    setText(next)
    searchLater(next)
  }
  const clear = () => {
    type('')
    input.current?.focus()
  }
  return (
    <TextInput
      ref={input}
      className={styles['search']}
      aria-label={label}
      placeholder={label}
      aria-keyshortcuts="/"
      autoComplete="off"
      spellCheck={false}
      maxLength={100}
      leftSection={<Search size={18} aria-hidden />}
      rightSection={
        text ? (
          <CloseButton aria-label={say('clearSearch')} onClick={clear} />
        ) : (
          <Kbd aria-hidden visibleFrom="sm">
            /
          </Kbd>
        )
      }
      value={text}
      onChange={({ currentTarget }) => type(currentTarget.value)}
    />
  )
}
