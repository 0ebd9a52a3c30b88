import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedError, explain } from './embedded-error.ts'
import type { Folder } from './embedded-folder.ts'
import { createDatabase, knock } from './embedded-knock.ts'
import { giveToOwnerOf } from './embedded-lock.ts'
import type { Programs } from './embedded-programs.ts'
import { endStale } from './embedded-stale.ts'
import { release, startWatchdog } from './embedded-watchdog.ts'

/** One PostgreSQL on one folder: it comes back by itself until it is told to stop. */
export class Postgres {
  readonly #folder: Folder
  readonly #programs: Programs
  readonly #progress: (line: string) => void
  readonly #watchdog = startWatchdog()
  readonly #abort = new AbortController()
  #child: ChildProcess | undefined
  #readyAt = 0
  #pause = 0
  #stopped: Promise<void> | undefined

  constructor(folder: Folder, programs: Programs, progress: (line: string) => void) {
    this.#folder = folder
    this.#programs = programs
    this.#progress = progress
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const deadline = Date.now() + START_LIMIT
    while (!this.#stopped) {
      await endStale(this.#folder)
      const failure = await this.#launch()
      if (failure === undefined) return this.#watch()
      if (this.#stopped) return
      if (!PREDECESSOR.test(failure) || Date.now() > deadline) {
        throw explain(failure, this.#folder.dataDir)
      }
      await sleep(100)
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  /** Undefined once it answers, else the last words of a server that did not. */
  async #launch(): Promise<string | undefined> {
    const log = openLog(this.#folder)
    const child = spawnServer(this.#folder, this.#programs, log.handle)
    closeSync(log.handle)
    this.#child = child
    let failure: string | undefined
    child.once('error', (error) => (failure = error.message))
    child.stdin?.on('error', () => {}) // it ended before it was told to go
    this.#watchdog.guard(child.pid)
    child.stdin?.end('go\n')
    release(child)

    const ready = await this.#untilReady(child, () => failure !== undefined).catch(
      async (error: Error) => {
        failure = error.message
        await endChild(child, 'SIGINT')
      },
    )
    if (ready) return undefined
    this.#watchdog.guard(undefined)
    return failure ?? readFileSync(this.#folder.log).subarray(log.size).toString()
  }

  async #untilReady(child: ChildProcess, failed: () => boolean): Promise<boolean> {
    let deadline = Date.now() + START_LIMIT
    while (!failed() && !hasEnded(child)) {
      const answer = await knock(this.#folder.url)
      if (answer === 'no_database') await createDatabase(this.#folder.url)
      if (answer === 'ready') return !hasEnded(child)
      // It answers that it is recovering: that takes as long as it takes.
      if (answer === 'starting') deadline = Date.now() + START_LIMIT
      if (Date.now() > deadline) await endChild(child, 'SIGQUIT')
      await sleep(POLL)
    }
    return false
  }

  #watch() {
    const child = this.#child
    if (!child) return
    this.#readyAt = Date.now()
    if (hasEnded(child)) void this.#bringBack()
    else child.once('exit', () => void this.#bringBack())
  }

  async #bringBack() {
    if (this.#stopped) return
    this.#watchdog.guard(undefined)
    this.#pause = Date.now() - this.#readyAt > CALM ? 0 : Math.min(this.#pause * 2 + 100, 5_000)
    this.#progress('The embedded database ended unexpectedly; starting it again.')
    while (!this.#stopped) {
      await sleep(this.#pause, undefined, { signal: this.#abort.signal, ref: false }).catch(
        () => {},
      )
      try {
        return await this.start()
      } catch (error) {
        this.#pause = Math.min(this.#pause * 2 + 100, 5_000)
        this.#progress((error as Error).message)
      }
    }
  }

  async #end() {
    this.#abort.abort()
    // Fast shutdown: sessions end, all they were told to be committed is on the disk.
    if (this.#child) await endChild(this.#child, 'SIGINT')
    this.#watchdog.dismiss()
  }
}

const START_LIMIT = 60_000
const STOP_LIMIT = 60_000
const CALM = 30_000
const POLL = 20
const LONGEST_LOG = 5 * 1024 * 1024

// Processes of a killed server, or a server that its watchdog is just ending.
const PREDECESSOR = /pre-existing shared memory|lock file ".*" already exists/

// The server waits for the word until the watchdog knows it: else a parent killed in between
// would leave it behind. Detached, because our own stop ends it last, not a Ctrl-C.
function spawnServer(folder: Folder, programs: Programs, log: number): ChildProcess {
  const { prefix, postgres, user, env } = programs
  const settings = serverSettings(folder).flatMap((setting) => ['-c', setting])
  const command = [...prefix, postgres, '-D', folder.cluster, ...settings]
  const gate = 'read -r go && exec "$@" </dev/null'
  return spawn('/bin/sh', ['-c', gate, 'sh', ...command], {
    detached: true,
    cwd: '/',
    env,
    stdio: ['pipe', log, log],
    ...user,
  })
}

function serverSettings({ sockets }: Folder): string[] {
  return [
    'listen_addresses=',
    `unix_socket_directories="${sockets.replaceAll('"', '""')}"`,
    'unix_socket_permissions=0700',
    'port=5432',
    'fsync=on',
    'timezone=UTC',
    'jit=off',
    'log_checkpoints=off',
    'log_error_verbosity=terse', // the details of an error quote rows: personal data
    'log_min_error_statement=panic',
  ]
}

function openLog(folder: Folder): { handle: number; size: number } {
  const { log, dataDir } = folder
  try {
    const before = statSync(log, { throwIfNoEntry: false })?.size ?? 0
    if (before > LONGEST_LOG) renameSync(log, `${log}.1`)
    const handle = openSync(log, 'a', 0o600)
    giveToOwnerOf(dataDir, log)
    return { handle, size: before > LONGEST_LOG ? 0 : before }
  } catch (error) {
    throw error instanceof EmbeddedError ? error : explain((error as Error).message, dataDir)
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function endChild(child: ChildProcess, signal: 'SIGINT' | 'SIGQUIT') {
  if (hasEnded(child)) return
  child.ref()
  const impatient = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT)
  await new Promise<void>((settle) => {
    child.once('exit', () => settle())
    child.kill(signal)
  })
  clearTimeout(impatient)
}
