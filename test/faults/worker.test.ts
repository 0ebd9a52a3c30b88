import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { whenDone } from '../support/cleanup.ts'
import { cloneDatabase } from '../support/database.ts'
import { startService } from '../support/service.ts'

test('a service without a worker leaves the jobs to invitree work', async () => {
  const url = await cloneDatabase()
  const service = await startService({ DATABASE_URL: url }, ['--no-worker'])
  await fetch(`${service.address}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ann@example.com', password: PASSWORD }),
  })
  const outbox = () => readdir(join(service.dataDir, 'outbox')).catch(() => [])
  await sleep(2500)
  expect(await outbox()).toEqual([])

  const worker = spawn(process.execPath, ['src/cli/main.ts', 'work'], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url, DATA_DIR: service.dataDir },
    stdio: 'ignore',
  })
  whenDone(() => worker.kill('SIGKILL'))
  await expect.poll(outbox).toHaveLength(1)
  worker.kill('SIGTERM')
  expect(await once(worker, 'exit')).toEqual([0, null])
})
