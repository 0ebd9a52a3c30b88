import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

const THREADS = '/proc/self/task'
const NICE = 10

/**
 * Where Linux lets it, the threads that hash give way to the one that answers requests, which needs a processor
 * for a moment only: with as many hashes as processors it would wait for its turn each time. Call it once one
 * hash has been made, which starts those threads.
 */
export function letHashingGiveWay(): void {
  try {
    for (const thread of readdirSync(THREADS)) {
      const name = readFileSync(`${THREADS}/${thread}/comm`, 'utf8').trim()
      if (name === 'libuv-worker') setPriority(Number(thread), NICE)
    }
  } catch {
    // Another system, or one that forbids it: requests wait a little longer beside hashing.
  }
}
