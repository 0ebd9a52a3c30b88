import { setTimeout as sleep } from 'node:timers/promises'
import { FolderInUse } from './embedded-error.ts'
import { makeDataDir, prepareFolder } from './embedded-folder.ts'
import { knock } from './embedded-knock.ts'
import { type Lock, type Owner, type Purpose, readOwner, takeLock } from './embedded-lock.ts'
import { Postgres } from './embedded-process.ts'
import { findPrograms, type Overrides } from './embedded-programs.ts'
import { readPid } from './embedded-stale.ts'

export { EmbeddedError, FolderInUse } from './embedded-error.ts'

export interface EmbeddedServer {
  /** For `pg` and all that is built on it. */
  url: string
  /** Another one after PostgreSQL was killed and came back. */
  readonly pid: number
  /** False when the server is the one of a running `serve`. */
  started: boolean
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  dataDir: string
  purpose: Purpose
  progress: (line: string) => void
}

/**
 * One process at a time runs PostgreSQL on a folder: `serve` is refused beside another, and a
 * command uses the running server or, where nobody serves, its own until it stops it.
 */
export async function openEmbedded(
  options: EmbeddedOptions,
  overrides: Overrides = {},
): Promise<EmbeddedServer> {
  const dataDir = makeDataDir(options.dataDir)
  const began = Date.now()
  for (;;) {
    const lock = takeLock(dataDir, options.purpose)
    if (lock) return startOwn({ ...options, dataDir }, lock, overrides)

    const owner = readOwner(dataDir)
    const server = options.purpose === 'command' && (await attach(dataDir, owner))
    if (server) return server
    if (Date.now() - began > patience(options.purpose, owner)) throw new FolderInUse(dataDir, owner)
    await sleep(50)
  }
}

function patience(purpose: Purpose, owner: Owner | undefined): number {
  if (owner?.purpose !== 'serve') return 10_000 // a command that has its own will be done
  if (purpose === 'command') return 60_000 // the service may be recovering after a crash
  return 300 // the service may have been killed a moment ago
}

async function startOwn(
  { dataDir, progress }: EmbeddedOptions,
  lock: Lock,
  overrides: Overrides,
): Promise<EmbeddedServer> {
  let postgres: Postgres | undefined
  const stop = async () => {
    try {
      await postgres?.stop()
    } finally {
      lock.release()
    }
  }
  try {
    const programs = findPrograms(dataDir, overrides)
    const folder = await prepareFolder(dataDir, programs, progress)
    const server = new Postgres(folder, programs, progress)
    postgres = server
    await server.start()
    lock.announce(folder.url)
    let stopped: Promise<void> | undefined
    return {
      url: folder.url,
      started: true,
      get pid() {
        return server.pid
      },
      stop: () => (stopped ??= stop()),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function attach(
  dataDir: string,
  owner: Owner | undefined,
): Promise<EmbeddedServer | undefined> {
  if (owner?.purpose !== 'serve' || !owner.url || (await knock(owner.url)) !== 'ready')
    return undefined
  const pid = readPid(`${dataDir}/postgres`) ?? 0
  return { url: owner.url, pid, started: false, stop: async () => {} }
}
