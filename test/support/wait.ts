import { setTimeout as sleep } from 'node:timers/promises'

/** What `look` finds, as soon as it is something; asked again and again for 15 s. */
export async function waitFor<T>(look: () => Promise<T>): Promise<NonNullable<T> & {}> {
  for (let tries = 0; tries < 300; tries++) {
    const found = await look()
    if (found) return found
    await sleep(50)
  }
  throw new Error(`It never came: ${look.toString()}`)
}
