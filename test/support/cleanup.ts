import { afterAll } from 'vitest'

const cleanups: (() => unknown)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

/** Keeps work for when the test file is done, last come first; may be called in the middle of a test. */
export const whenDone = (cleanup: () => unknown): void => void cleanups.push(cleanup)
