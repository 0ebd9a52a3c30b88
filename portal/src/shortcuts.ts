import { useEffect, useRef, useSyncExternalStore } from 'react'

export interface Shortcut {
  /** As `KeyboardEvent.key` names it; `mod+k` is Ctrl-K, on Apple's keyboards Cmd-K. */
  keys: string
  label: string
}

interface Entry extends Shortcut {
  run: () => void
}

let entries: readonly Entry[] = []
const listeners = new Set<() => void>()

/** A key that does something while the component is on the page; `?` lists all of them. */
export function useShortcut(keys: string, label: string, run: () => void): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    const entry = { keys, label, run: () => latest.current() }
    set([...entries, entry])
    return () => set(entries.filter((one) => one !== entry))
  }, [keys, label])
}

export const useShortcuts = (): readonly Shortcut[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => entries,
  )

function set(next: readonly Entry[]): void {
  entries = next
  for (const listener of listeners) listener()
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return
  const modified = event.ctrlKey || event.metaKey
  // Single keys are letters while somebody types, and belong to the dialog while one is open.
  if (!modified && isBusy(event.target)) return
  const keys = modified ? `mod+${event.key.toLowerCase()}` : event.key
  const entry = entries.findLast((one) => one.keys === keys)
  if (!entry) return
  event.preventDefault()
  entry.run()
}

const isBusy = (target: EventTarget | null) =>
  (target instanceof Element && target.matches('input, textarea, select, [contenteditable]')) ||
  document.querySelector('[role="dialog"]') !== null

addEventListener('keydown', onKey)
