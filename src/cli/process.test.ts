import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { newDatabase, newFolder } from './cli.fixture.ts'

test('the service ends with the npm that started it, whose shell hands no signal on', async () => {
  const npm = spawn('npm', ['start'], {
    // A group of its own, so that nothing of it outlives a failure.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: await newDatabase(),
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
