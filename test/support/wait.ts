import { setTimeout as sleep } from 'node:timers/promises'

/** Nothing waits this long where all is well, however busy the machine. */
export const PATIENCE_MS = 60_000

/** What `look` finds, as soon as it is something; asked again and again for a minute. */
export async function waitFor<T>(look: () => Promise<T>): Promise<NonNullable<T> & {}> {
  for (let tries = 0; tries < 1200; tries++) {
    const found = await look()
    if (found) return found
    await sleep(50)
  }
  throw new Error(`It never came: ${look.toString()}`)
}
