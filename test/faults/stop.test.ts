import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { type Service, startService } from '../support/service.ts'
import { waitFor } from '../support/wait.ts'

function register(service: Service, email: string): Promise<number> {
  const headers = { 'content-type': 'application/json', connection: 'close' }
  const body = JSON.stringify({ email, password: PASSWORD })
  const init = { method: 'POST', headers, body }
  return fetch(`${service.address}/api/v1/auth/register`, init).then((answer) => answer.status)
}

/** How many registrations have come so far as to their password. */
async function begunOrWaiting({ address }: Service): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text()
  const figures = text.matchAll(/^invitree_hashing\{what="(?:begun|waiting)"\} (\d+)$/gm)
  return [...figures].reduce((sum, [, figure]) => sum + Number(figure), 0)
}

test('on SIGTERM what is under way is finished, and the process ends with 0', async () => {
  const service = await startService({ DATABASE_URL: await cloneDatabase() })
  const underWay = Array.from({ length: 8 }, (_, i) => register(service, `stop${i}@example.com`))
  // Each has come to its password, which takes the longest: it is under way, or done.
  await waitFor(async () => (await begunOrWaiting(service)) >= 8)
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
