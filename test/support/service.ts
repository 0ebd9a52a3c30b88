import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { whenDone } from './cleanup.ts'

export interface Service {
  address: string
  dataDir: string
  child: ChildProcess
  /** What it has said on both channels so far. */
  output: string[]
  exited: Promise<number | null>
}

/** Starts the real `invitree serve` in a process of its own and waits until it says that it serves. */
export async function startService(
  env: Record<string, string>,
  options: string[] = [],
  root = '.',
): Promise<Service> {
  const dataDir = env['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'invitree-serve-')))
  const child = spawn(process.execPath, ['bin/invitree.js', 'serve', ...options], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  whenDone(async () => {
    child.kill('SIGKILL')
    await exited
    // A database that it leaves behind ends by itself, and writes until then.
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20 })
  })
  const output: string[] = []
  const address = await new Promise<string>((resolve, reject) => {
    const listen = (line: string) => {
      output.push(line)
      const found = /serves on (http:\S+?),/.exec(line)?.[1]
      if (found) resolve(found)
    }
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', listen)
    }
    void exited.then((code) => reject(new Error(`exit ${code}: ${output.join('\n')}`)))
  })
  return { address, dataDir, child, output, exited }
}
