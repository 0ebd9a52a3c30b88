const cleanups: (() => unknown)[] = []

/** Keeps work for when the test file is done, last come first; may be called in the middle of a test. */
export const whenDone = (cleanup: () => unknown): void => void cleanups.push(cleanup)

/** Does what was kept; one that fails leaves nothing of the others behind. */
export async function cleanUp(): Promise<void> {
  const failures: unknown[] = []
  for (const cleanup of cleanups.splice(0).toReversed()) {
    try {
      await cleanup()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'))
}
