import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { type Service, startService } from '../support/service.ts'

function register(service: Service, email: string): Promise<number> {
  const headers = { 'content-type': 'application/json', connection: 'close' }
  const body = JSON.stringify({ email, password: PASSWORD })
  const init = { method: 'POST', headers, body }
  return fetch(`${service.address}/api/v1/auth/register`, init).then((answer) => answer.status)
}

test('on SIGTERM what is under way is finished, and the process ends with 0', async () => {
  const service = await startService({ DATABASE_URL: await cloneDatabase() })
  const underWay = Array.from({ length: 8 }, (_, i) => register(service, `stop${i}@example.com`))
  await sleep(40)
  service.child.kill('SIGTERM')
  expect(await Promise.all(underWay)).toEqual(Array.from({ length: 8 }, () => 201))
  expect(await service.exited).toBe(0)
})

test('a wrong configuration is told at once, all of it, and ends with 78', async () => {
  await expect(startService({ PORT: 'abc', CODE_LOOKUP: 'maybe' })).rejects.toThrow(
    /exit 78: [\s\S]*PORT[\s\S]*CODE_LOOKUP/,
  )
})

test('a port that is taken is told in a sentence', async () => {
  const first = await startService({ DATABASE_URL: await cloneDatabase() })
  const port = new URL(first.address).port
  const second = startService({ DATABASE_URL: await cloneDatabase(), PORT: port })
  await expect(second).rejects.toThrow(`Port ${port} is taken`)
})

test('the secrets made at the first start are for nobody else to read', async () => {
  const { stat } = await import('node:fs/promises')
  const service = await startService({ DATABASE_URL: await cloneDatabase() })
  expect((await stat(`${service.dataDir}/secrets.json`)).mode & 0o777).toBe(0o600)
})
