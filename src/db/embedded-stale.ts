import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedError } from './embedded-error.ts'
import type { Folder } from './embedded-folder.ts'
import { isAlive } from './embedded-lock.ts'

/**
 * The server of a killed owner ends before the next one starts, and a process that merely got
 * its number is left alone. Only the holder of the folder's lock may call this.
 */
export async function endStale(folder: Folder): Promise<void> {
  const pid = readPid(folder.cluster)
  if (pid && isServerOf(folder.cluster, pid)) await end(pid, folder)
  else if (pid && isAlive(pid)) rmSync(join(folder.cluster, PID_FILE), { force: true })
  // Beside the socket lies a file with a pid, too, which stops PostgreSQL when it is reused.
  rmSync(join(folder.sockets, '.s.PGSQL.5432'), { force: true })
  rmSync(join(folder.sockets, '.s.PGSQL.5432.lock'), { force: true })
}

/** The process that the folder's cluster says it is run by. */
export function readPid(cluster: string): number | undefined {
  try {
    const [first] = readFileSync(join(cluster, PID_FILE), 'utf8').split('\n', 1)
    const pid = Number(first)
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

const PID_FILE = 'postmaster.pid'
const SIGNALS = { 0: 'SIGINT', 50: 'SIGQUIT', 100: 'SIGKILL' } as const

// A server is started with the folder among its arguments and keeps them as its title.
function isServerOf(cluster: string, pid: number): boolean {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster)
    }
    const title = execFileSync('ps', ['-o', 'command=', '-ww', '-p', `${pid}`], {
      encoding: 'utf8',
    })
    return title.includes(` ${cluster} `)
  } catch {
    return false
  }
}

async function end(pid: number, { cluster, dataDir }: Folder) {
  for (let tenths = 0; tenths < 150; tenths++) {
    if (!isServerOf(cluster, pid)) return
    const signal = SIGNALS[tenths as keyof typeof SIGNALS]
    if (signal) send(pid, signal)
    await sleep(100)
  }
  throw new EmbeddedError(
    `An earlier database server of ${dataDir} (process ${pid}) does not end: end it by hand.`,
  )
}

function send(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
