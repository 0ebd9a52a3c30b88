import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { whenDone } from '../../test/support/cleanup.ts'

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** A folder that is gone when the test file is done. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'invitree-cli-'))
  whenDone(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Starts the real command, told of nothing but this environment; its data folder is not there yet. */
export function startCli(words: string[], env: Record<string, string> = {}, root = '.') {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], {
    cwd: root,
    env: { PATH: process.env['PATH'], DATA_DIR: join(newFolder(), 'data'), ...env },
  })
  child.stdin.end()
  whenDone(() => child.kill('SIGKILL'))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const outcome: Promise<Outcome> = Promise.all([
    exited,
    text(child.stdout),
    text(child.stderr),
  ]).then(([code, stdout, stderr]) => ({ code, stdout, stderr }))
  return { child, outcome }
}

export const runCli = (words: string[], env?: Record<string, string>, root?: string) =>
  startCli(words, env, root).outcome
