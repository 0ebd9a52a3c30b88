import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

export interface Program {
  address: string
  /** Resident memory, where the system tells it. */
  residentMb(): Promise<number>
  stop(): Promise<void>
}

/** The service as its users start it, on a given database. */
export function startService(databaseUrl: string, dataDir: string): Promise<Program> {
  return start(['src/cli/main.ts', 'serve'], {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    RATE_LIMITS: 'off',
    ...(process.env['REDIS_URL'] && { REDIS_URL: process.env['REDIS_URL'] }),
  })
}

/** The bare server that the service is held against. */
export const startBare = (env: Record<string, string>): Promise<Program> =>
  start(['bench/bare.ts'], env)

async function start(args: string[], env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], PORT: '0', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const address = await addressOf(child)
  return {
    address,
    async residentMb() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line)
        const found = /http:\/\/[\w.]+:\d+/.exec(line)?.[0]
        if (found && !line.startsWith('{')) resolve(found)
      })
    }
    child.once('exit', () => reject(new Error(said.join('\n'))))
  })
}
