import { useSyncExternalStore } from 'react'
import { listCodes, retireCode } from '../api/client.gen.ts'
import { all, queryClient } from '../api/queries.ts'
import { toastProblem, toastUndo } from '../blocks/toasts.tsx'
import { lastActs } from '../session.ts'

// A code that is switched off as far as its owner sees, and can be taken back: nothing was sent yet.
let waiting: string | undefined
let endWait = () => {}
let sending: Promise<void> | undefined
const listeners = new Set<() => void>()

/** The code that is being switched off, while that can still be taken back. */
export const useRetiring = () => useSyncExternalStore(subscribe, () => waiting)

/** Switches a code off once the time to take it back is over, or the page is left. */
export function retireSoon(code: string, message: string): void {
  set(code)
  endWait = toastUndo(message, {
    undo: () => waiting === code && set(undefined),
    lapse: () => void retireNow(),
  })
}

/** Sends at once what is waiting to be switched off; without it nothing is to be done. */
export function retireNow(keepalive = false): Promise<void> {
  if (waiting === undefined || sending) return sending ?? Promise.resolve()
  sending = send(waiting, keepalive)
  endWait()
  return sending
}

async function send(code: string, keepalive: boolean): Promise<void> {
  await retireCode({ path: { code } }, { keepalive }).catch(toastProblem)
  await queryClient.invalidateQueries(all(listCodes))
  sending = undefined
  set(undefined)
}

function set(code: string | undefined): void {
  waiting = code
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

lastActs.add(() => retireNow())
addEventListener('pagehide', () => void retireNow(true))
