import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { onServer } from '../../test/support/server.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { newId } from '../lib/ids.ts'
import { newFolder, runCli } from './cli.fixture.ts'

test('the service ends with the npm that started it, whose shell hands no signal on', async () => {
  const npm = spawn('npm', ['start'], {
    // A group of its own, so that nothing of it outlives a failure.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: await cloneDatabase('template0'),
      DATA_DIR: join(newFolder(), 'data'),
      PORT: '0',
    },
  })
  whenDone(() => {
    if (npm.stdout.readable) process.kill(-npm.pid!, 'SIGKILL')
  })
  let told = ''
  for await (const chunk of npm.stdout) {
    told += chunk
    if (/Server listening/.test(told)) npm.kill('SIGTERM')
  }
  // The output ends when nobody is left to write to it.
  expect(told).toContain('"msg":"stopping"')
})

/** A user who may make tables in a new database, and no schema for the queue of jobs. */
async function lesserUser(): Promise<string> {
  const name = `lesser_${newId().replaceAll('-', '')}`
  await onServer(inject('serverUrl'), `create role ${name} login password '${name}'`)
  whenDone(() => onServer(inject('serverUrl'), `drop role ${name}`))
  const url = new URL(await cloneDatabase('template0'))
  await onServer(url.href, `grant create, usage on schema public to ${name}`)
  return Object.assign(url, { username: name, password: name }).href
}

test('a start that fails half-way ends by itself, with a sentence', async () => {
  const env = { DATABASE_URL: await lesserUser(), PORT: '0' }
  const late = sleep(PATIENCE_MS, 'it still runs', { ref: false })
  for (const command of ['serve', 'work']) {
    const ended = await Promise.race([runCli([command], env), late])
    expect(ended, command).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/^The database refuses: permission denied .+\.\n$/),
    })
  }
})
