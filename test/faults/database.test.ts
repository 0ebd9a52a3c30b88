import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTransaction } from '../../src/context.ts'
import { ping } from '../../src/db/connect.ts'
import { createAccount, get, inHours, PASSWORD, send, startApp } from '../support/app.ts'
import { onServer } from '../support/server.ts'
import { startService } from '../support/service.ts'

test('connections terminated under load give no 500, and the next request is served', async () => {
  const it = await startApp()
  const ann = await createAccount(it)
  const terminate = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  const statuses: number[] = []
  for (let round = 0; round < 10; round++) {
    const payload = { expires_at: inHours(1) }
    const asked = Array.from({ length: 20 }, (_, i) =>
      i % 2
        ? get(it, '/api/v1/users/me/referrals', ann)
        : send(it, { method: 'PUT', url: '/api/v1/referrals/code', payload }, ann),
    )
    await sleep(Math.random() * 10)
    await onServer(it.url, terminate)
    statuses.push(...(await Promise.all(asked)).map((answer) => answer.statusCode))
  }
  expect([...new Set(statuses)].filter((status) => ![200, 201, 503].includes(status))).toEqual([])
  expect((await get(it, '/api/v1/users/me', ann)).statusCode).toBe(200)
  const { rowCount } = await it.ctx.db
    .selectFrom('referral_codes')
    .select((where) => where.fn.countAll<number>().as('rowCount'))
    .where('retired_at', 'is', null)
    .executeTakeFirstOrThrow()
  expect(rowCount).toBe(1)
})

test('a connection lost at COMMIT leaves the outcome unknown, is never retried, and is given back', async () => {
  const it = await startApp()
  let runs = 0
  const lost = () =>
    inTransaction(it.ctx, async (ctx) => {
      runs++
      const pid = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(ctx.db)
      await onServer(it.url, `select pg_terminate_backend(${pid.rows[0]?.pid})`)
      await sleep(20)
    })
  // More often than the pool has connections: a leak would run it dry.
  for (let i = 0; i < 12; i++) {
    await expect(lost()).rejects.toMatchObject({ code: 'outcome_unknown' })
  }
  expect(runs).toBe(12)
  await expect(ping(it.ctx.db)).resolves.toBeUndefined()
})

test('the embedded database killed under the service comes back by itself, with all that was told', async () => {
  const service = await startService({})
  const register = (email: string) =>
    fetch(`${service.address}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    })
  expect((await register('before@example.com')).status).toBe(201)
  const file = join(service.dataDir, 'postgres', 'postmaster.pid')
  process.kill(Number((await readFile(file, 'utf8')).split('\n')[0]), 'SIGKILL')

  const failed = await register('meanwhile@example.com')
  // It may have come back already; if not, the answer says when to ask again.
  expect([`201 null`, `503 1`]).toContain(`${failed.status} ${failed.headers.get('retry-after')}`)
  let status = 0
  for (let tries = 0; status !== 201 && tries < 50; tries++) {
    status = (await register(`after${tries}@example.com`)).status
    if (status !== 201) await sleep(100)
  }
  expect(status).toBe(201)
  expect((await register('before@example.com')).status).toBe(409)
  expect(service.child.exitCode).toBeNull()
})
