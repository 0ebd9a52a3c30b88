import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const NEEDED = {
  ip: 'iproute2',
  unshare: 'util-linux',
  etcd: 'etcd-server',
  patroni: 'patroni',
  patronictl: 'patroni',
  haproxy: 'haproxy',
  'redis-server': 'redis-server',
}
const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
const POSTGRES = '/usr/lib/postgresql'

/** A sentence on what has to be installed before this can run; undefined when nothing is missing. */
export function missingPrograms(): string | undefined {
  const missing = Object.entries(NEEDED)
    .filter(([program]) => !FOLDERS.some((folder) => existsSync(join(folder, program))))
    .map(([, debian]) => debian)
  if (!existsSync(POSTGRES)) missing.push('postgresql')
  return missing.length === 0
    ? undefined
    : `This needs ${[...new Set(missing)].join(', ')}: apt-get install them, and stop what starts by itself.`
}

/** The folder of the newest PostgreSQL that Debian has installed. */
export function postgresPrograms(): string {
  const [newest] = readdirSync(POSTGRES).toSorted((a, b) => Number(b) - Number(a))
  return join(POSTGRES, newest!, 'bin')
}

export interface Start {
  /** Where what it says is written. */
  log: string
  env?: NodeJS.ProcessEnv
}

export function start(command: string[], { log, env }: Start): ChildProcess {
  const file = openSync(log, 'a')
  const [program = '', ...options] = command
  const PATH = FOLDERS.join(':')
  return spawn(program, options, { stdio: ['ignore', file, file], env: { PATH, ...env } })
}

/** What a short command says; throws when it fails. */
export function run(...command: string[]): string {
  const [program = '', ...options] = command
  const env = { PATH: FOLDERS.join(':'), LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' }
  return execFileSync(program, options, {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Waits until `look` finds something, and fails with `what` after `seconds`. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  seconds = 90,
): Promise<NonNullable<T> & {}> {
  const deadline = performance.now() + seconds * 1000
  while (performance.now() < deadline) {
    const found = await Promise.resolve()
      .then(look)
      .catch(() => undefined)
    if (found) return found
    await sleep(50)
  }
  throw new Error(`After ${seconds} s still not: ${what}`)
}
