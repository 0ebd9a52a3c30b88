import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import {
  createAccount,
  get,
  PASSWORD,
  post,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { startHostileServer } from '../../test/support/hostile-http.ts'
import { startWorker } from '../worker.ts'

const server = await startHostileServer()
const env = (behaviour: string) => ({
  CLEARBIT_API_KEY: 'clearbit-key',
  CLEARBIT_URL: server.url(behaviour),
})
const it = await startApp(env('good'), { worker: true })

async function jobsOf(app: TestApp, id: string) {
  const { rows } = await sql<{ state: string; data: object }>`
    select state, data from pgboss.job
    where name = 'accounts.enrich' and data->>'user_id' = ${id}`.execute(app.ctx.db)
  return rows
}

test('a profile is filled in by a job soon after the registration', async () => {
  server.answers(() => ({ person: { name: { fullName: 'Ann Lee' } }, company: { name: 'Acme' } }))
  const ann = await createAccount(it)
  await vi.waitFor(
    async () =>
      expect((await get(it, '/api/v1/users/me', ann)).json()).toMatchObject({
        name: 'Ann Lee',
        company: 'Acme',
      }),
    { timeout: 60_000, interval: 200 },
  )
})

test('a registration that is refused leaves no job', async () => {
  const { email } = await createAccount(it)
  const count = async () =>
    (await sql`select from pgboss.job where name = 'accounts.enrich'`.execute(it.ctx.db)).rows
      .length
  const before = await count()
  const refused = await post(it, '/api/v1/auth/register', { email, password: PASSWORD })
  expect(refused.statusCode).toBe(409)
  expect(await count()).toBe(before)
})

test('a Clearbit that is away is asked again later, and delays no registration', async () => {
  const other = await startApp(env('never answers'))
  const ann = await createAccount(other)
  // The registration itself asks nobody.
  expect(server.heads.join()).not.toContain(encodeURIComponent('never answers'))
  await startWorker(other.ctx)
  await vi.waitFor(
    async () => expect(await jobsOf(other, ann.id)).toMatchObject([{ state: 'retry' }]),
    { timeout: 60_000, interval: 200 },
  )
  // Ids only: nothing of somebody who is erased meanwhile is left in the queue.
  expect((await jobsOf(other, ann.id))[0]?.data).toEqual({ user_id: ann.id })
})

test('without a key there is no job', async () => {
  const other = await startApp()
  const ann = await createAccount(other)
  expect(await jobsOf(other, ann.id)).toEqual([])
})
