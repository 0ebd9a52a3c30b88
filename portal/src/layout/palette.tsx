import { Modal, Text, TextInput } from '@mantine/core'
import { type KeyboardEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'
import styles from './palette.module.css'
import { useDestinations } from './destinations.ts'

/** Goes to any page, for administrators to any user too, by a few letters and Enter. */
export function Palette({ onClose }: { onClose: () => void }) {
  const say = useWords(commonWords)
  const id = useId()
  const [, navigate] = useLocation()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const found = useDestinations(text)
  const current = Math.min(chosen, found.length - 1)

  function go(href: string | undefined): void {
    if (href === undefined) return
    onClose()
    navigate(href)
  }

  function onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setChosen((current + step + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') go(found[current]?.href)
    else return
    event.preventDefault()
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={say('palette')}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
        aria-label={say('paletteSearch')}
        placeholder={say('paletteSearch')}
        autoComplete="off"
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={onKey}
      />
      <div id={id} role="listbox" aria-label={say('palette')} className={styles['list']}>
        {found.map(({ href, label, hint }, at) => (
          // The field keeps the focus: keys choose there, the pointer here.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={href}
            id={`${id}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === current}
            className={styles['option']}
            onClick={() => go(href)}
          >
            {label}
            <span className={styles['hint']}>{hint}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <Text role="status">{say('paletteNothing')}</Text> : null}
    </Modal>
  )
}
