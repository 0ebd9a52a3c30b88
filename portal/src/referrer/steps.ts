import type { Explanation } from '../api/client.gen.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'

export interface Step {
  kind: 'done' | 'next' | 'refused'
  text: string
  /** When it happened; what is still to come has no time. */
  at?: string
}

/** The way of a friend so far, from the first opened link, and the step that comes next. */
export function useSteps(explanation: Explanation): Step[] {
  const say = useWords(referrerWords)
  const { code, touches, created_at, confirmed_at, decided_at, status } = explanation
  const steps = touches.map((touch) =>
    touch.code === null
      ? done(say('openedOther'), touch.at)
      : done(say('openedLink', { code: touch.code }), touch.at),
  )
  steps.push(done(say('signedUp', { code }), created_at))
  const isLetIn = decided_at !== null && status !== 'refused'
  if (isLetIn) steps.push(done(say('adminConfirmed'), decided_at))
  // What an administrator lets count at once is confirmed by that.
  if (confirmed_at && !(isLetIn && isSameMoment(confirmed_at, decided_at))) {
    steps.push(done(say('confirmedMail'), confirmed_at))
  }
  const last = lastStep()
  return last ? [...steps, last] : steps

  function lastStep(): Step | undefined {
    if (status === 'pending') return { kind: 'next', text: say('waitsForMail') }
    if (status === 'review') return { kind: 'next', text: say('waitsForAdmin') }
    if (status === 'confirmed') return undefined
    const text = decided_at ? say('adminRefused') : say('serviceRefused')
    return { kind: 'refused', text, at: decided_at ?? created_at }
  }
}

const done = (text: string, at: string): Step => ({ kind: 'done', text, at })

const isSameMoment = (one: string, other: string) =>
  Math.abs(Date.parse(one) - Date.parse(other)) < 1000
