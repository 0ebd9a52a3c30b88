import { lazy, Suspense, useSyncExternalStore } from 'react'

const load = () => import('./toaster.tsx')
const Toaster = lazy(async () => ({ default: (await load()).Toaster }))

let needed = false
const listeners = new Set<() => void>()

export interface Undoable {
  undo: () => void
  /** When the time for it is over. */
  lapse?: () => void
}

/** Says that something was done. */
export const toastDone = (message: string) => show(({ showDone }) => showDone(message))

/**
 * Says what was done, with *Undo* for six seconds; calls `undo`, or else `lapse` when the time is over. What
 * it returns ends the time at once.
 */
export function toastUndo(message: string, undoable: Undoable): () => void {
  let hide: (() => void) | undefined
  show(({ showUndo }) => {
    hide = showUndo(message, undoable)
  })
  return () => hide?.()
}

/** Says what went wrong and what to do, and copies the request id for whoever runs the service. */
export const toastProblem = (problem: unknown) => show(({ showProblem }) => showProblem(problem))

/** Where the messages appear; loaded with the first of them, for most pages never show one. */
export function Toasts() {
  const isNeeded = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => needed,
  )
  return <Suspense>{isNeeded ? <Toaster /> : null}</Suspense>
}

function show(message: (toaster: Awaited<ReturnType<typeof load>>) => void): void {
  needed = true
  for (const listener of listeners) listener()
  void load().then(message)
}
