import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import about from '../package.json' with { type: 'json' }

export interface Program {
  address: string
  /** Resident memory, where the system tells it. */
  residentMb(): Promise<number>
  /** Processor time since its start, where the system tells it. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

const commandOf = ({ scripts }: Pick<typeof about, 'scripts'>) => [
  process.execPath,
  ...scripts.start.split(' ').slice(1),
]
const SERVE = commandOf(about)

/** The cores that this process may run on, where the system tells them. */
export async function allowedCores(): Promise<number[]> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(status)?.[1]?.split(',') ?? []
  return list.flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, nth) => first + nth)
  })
}

/** How a service is started on one core alone. */
export const onCore = (core: number): string[] => ['taskset', '-c', String(core), ...SERVE]

/** How the service of another checkout is started, with the options that it has there. */
export async function ofFolder(folder: string): Promise<string[]> {
  const other = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as typeof about
  return commandOf(other).map((word) => (word.startsWith('bin/') ? join(folder, word) : word))
}

/** The service as its users start it, on a given database. */
export const startService = (
  databaseUrl: string,
  dataDir: string,
  env: Record<string, string> = {},
): Promise<Program> => start(SERVE, { ...settingsOf(databaseUrl, dataDir), ...env })

/** The same by another command. */
export const startServiceBy = (
  command: string[],
  databaseUrl: string,
  dataDir: string,
): Promise<Program> => start(command, settingsOf(databaseUrl, dataDir))

const settingsOf = (databaseUrl: string, dataDir: string) => ({
  DATABASE_URL: databaseUrl,
  DATA_DIR: dataDir,
  LOG_LEVEL: 'warn',
  RATE_LIMITS: 'off',
  // As long as a whole run may take.
  ACCESS_TOKEN_TTL: '86400',
  ...(process.env['REDIS_URL'] && { REDIS_URL: process.env['REDIS_URL'] }),
})

/** The bare server that the service is held against. */
export const startBare = (env: Record<string, string>): Promise<Program> =>
  start([process.execPath, 'bench/bare.ts'], env)

// As every Linux has it.
const TICKS_A_SECOND = 100

const running = new Set<ChildProcess>()
const ending = new AbortController()

/** Aborted once somebody has ended the bench: what was started ends, so that all work fails and is cleared away. */
export const ended = ending.signal

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    ending.abort(new Error(`ended by ${signal}`))
    for (const child of running) child.kill()
  })
}

async function start(
  [program = '', ...args]: string[],
  env: Record<string, string>,
): Promise<Program> {
  ended.throwIfAborted()
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], PORT: '0', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const exited = once(child, 'exit').then(() => running.delete(child))
  const address = await addressOf(child)
  return {
    address,
    async residentMb() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
    },
    async cpuSeconds() {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '')
      const [user, system] = stat.split(') ').at(-1)?.split(' ').slice(11, 13).map(Number) ?? []
      return ((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS_A_SECOND
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      const lines = createInterface({ input: stream }).on('line', (line) => {
        said.push(line)
        const found = /http:\/\/[\w.]+:\d+/.exec(line)?.[0]
        if (!found || line.startsWith('{')) return
        resolve(found)
        // Reading what it says from then on would cost processor time that is counted as asking it.
        lines.close()
        stream.resume()
      })
    }
    child.once('exit', () => reject(new Error(said.join('\n'))))
  })
}
