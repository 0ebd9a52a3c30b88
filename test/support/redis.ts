import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { createClient } from '@redis/client'
import { whenDone } from './cleanup.ts'
import { freePort } from './network.ts'

/** Whether tests can start a Redis of their own. */
export const hasRedisServer = installed('redis-server')

/** Starts a Redis of the test's own, which keeps nothing on disk. */
export async function startRedis(port?: string): Promise<{ url: string; process: ChildProcess }> {
  port ??= await freePort()
  const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()]
  const process = spawn('redis-server', options, { stdio: 'ignore' })
  whenDone(() => process.kill('SIGKILL'))
  const url = `redis://127.0.0.1:${port}`
  await (await connectRedis(url)).ping()
  return { url, process }
}

/** A client that waits until the server at `url` answers. */
export async function connectRedis(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  whenDone(() => client.destroy())
  return client
}

function installed(program: string): boolean {
  try {
    execFileSync(program, ['--version'])
    return true
  } catch {
    return false
  }
}
