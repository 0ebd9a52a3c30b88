import { whenDone } from './cleanup.ts'

const TICK_MS = 10

/**
 * Counts the milliseconds in which this process had its turn. They stand still while a busy machine lets it
 * wait, so that what is judged by them is what was waited for, and not the machine.
 */
export function startStopwatch(): () => number {
  let passed = 0
  let last = performance.now()
  const count = () => {
    const now = performance.now()
    passed += Math.min(now - last, 2 * TICK_MS)
    last = now
    return passed
  }
  const timer = setInterval(count, TICK_MS)
  whenDone(() => clearInterval(timer))
  return count
}
