export interface Closing {
  add(step: () => unknown): void
  close(): Promise<void>
}

/** What was opened is closed in the reverse order, also when closing one of them fails. */
function createClosing(): Closing {
  const steps: (() => unknown)[] = []
  return {
    add: (step) => void steps.push(step),
    async close() {
      const failures: unknown[] = []
      for (const step of steps.toReversed()) {
        try {
          await step()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}

/** Opens one thing after another; when one fails, those before it are closed, and its failure is told. */
export async function openInOrder<T>(open: (closing: Closing) => Promise<T>): Promise<T> {
  const closing = createClosing()
  try {
    return await open(closing)
  } catch (error) {
    // Why it did not open says more than what then did not close.
    await closing.close().catch(() => {})
    throw error
  }
}
