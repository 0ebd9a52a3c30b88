import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Account, createAccount, get, send, startApp } from '../../../test/support/app.ts'
import { promote } from '../../../test/support/rows.ts'
import { waitFor } from '../../../test/support/wait.ts'
import type { Handlers } from '../../jobs/boss.ts'
import { QUEUES } from '../../jobs/catalogue.ts'

const it = await startApp()
const root = await createAccount(it)
await promote(it, root)

let mend = false
const done: string[] = []
const work = async ({ id, payload }: { id: string; payload: { user_id?: string | null } }) => {
  if (mend) return void done.push(`${payload.user_id}`)
  const values = 'Key (email_key)=(secret@example.com) already exists.'
  throw Object.assign(new Error(`550 <ann+${id}@example.com>: no such user`), { detail: values })
}
const handlers = Object.fromEntries(Object.keys(QUEUES).map((name) => [name, work]))
await it.ctx.jobs.work(handlers as unknown as Handlers)

const JOBS = '/api/v1/admin/jobs'
const list = async (query = '') => (await get(it, `${JOBS}?${query}`, root)).json()
const retry = (id: string, as?: Account, headers = {}) =>
  send(it, { method: 'POST', url: `${JOBS}/${id}/retry`, headers }, as)

interface Failed {
  id: string
  user_id: string
  reason: string
}

/** A mail to this person that fails at its only try; what the list says of it. */
async function failMail(person: Account): Promise<Failed> {
  await it.ctx.db.transaction().execute(async (db) => {
    await it.ctx.jobs.enqueue(db, 'mail', { mail: 'reset', user_id: person.id })
    await sql`update pgboss.job set retry_limit = 0
      where data->>'user_id' = ${person.id} and data->>'mail' = 'reset'`.execute(db)
  })
  return waitFor(async () => {
    const { items } = (await list('size=100')) as { items: Failed[] }
    return items.find((job) => job.user_id === person.id)
  })
}

const eventsOf = (id: string) =>
  it.ctx.db.selectFrom('audit_events').selectAll().where('target_id', '=', id).execute()

test('a job that failed for good is listed with what it was and why, without personal data', async () => {
  const ann = await createAccount(it)
  const failed = await failMail(ann)
  expect(failed).toMatchObject({
    name: 'mail',
    mail: 'reset',
    user_id: ann.id,
    tries: 1,
    reason: '550 <…@…>: no such user',
    created_at: expect.any(String),
    failed_at: expect.any(String),
  })
  const { rows } = await sql<{ kept: string }>`
    select string_agg(concat(output, source_output), '') as kept from pgboss.job`.execute(it.ctx.db)
  expect(rows[0]!.kept).toContain('no such user')
  expect(rows[0]!.kept).not.toContain('example.com')
  expect(JSON.stringify(it.logged)).not.toContain('secret@example.com')
})

test('every kind of job is counted: those that wait, run, and failed', async () => {
  const before = await list()
  await failMail(await createAccount(it))
  const { queues } = await list()
  expect(queues.map(({ name }: { name: string }) => name)).toEqual(Object.keys(QUEUES))
  const mail = (page: typeof before) =>
    page.queues.find(({ name }: { name: string }) => name === 'mail')
  expect(mail({ queues }).failed).toBe(mail(before).failed + 1)
  expect(mail({ queues }).failed).toBe((await list()).total)
  // The mails of registration, which failed too and are tried again.
  await waitFor(async () => mail(await list()).waiting > 0)
})

test('failed jobs are walked by page and by cursor, the last first, each once', async () => {
  for (let i = 0; i < 3; i++) await failMail(await createAccount(it))
  const all: { id: string; failed_at: string }[] = (await list('size=100')).items
  expect(all.map(({ failed_at }) => failed_at)).toEqual(
    all
      .map(({ failed_at }) => failed_at)
      .toSorted()
      .toReversed(),
  )
  const walked: string[] = []
  for (let cursor = ''; ;) {
    const page = await list(`size=2${cursor && `&cursor=${cursor}`}`)
    walked.push(...page.items.map(({ id }: Failed) => id))
    if (!page.next_cursor) break
    cursor = page.next_cursor
  }
  expect(walked).toEqual(all.map(({ id }) => id))
  expect((await list('size=1&page=2')).items).toEqual([all[1]])
})

test('a job is tried again once, however many ask for it at once, and the trail says by whom', async () => {
  const ann = await createAccount(it)
  const { id } = await failMail(ann)
  mend = true
  const answers = await Promise.all(Array.from({ length: 6 }, () => retry(id, root)))
  const [first, ...others] = answers.toSorted((a, b) => a.statusCode - b.statusCode)
  expect([first!.statusCode, first!.body]).toEqual([204, ''])
  for (const other of others) {
    expect(other.json()).toMatchObject({ status: 404, code: 'job_not_found' })
  }
  await waitFor(async () => done.includes(ann.id))
  mend = false
  expect(await eventsOf(id)).toMatchObject([
    { action: 'job.retried', actor_id: root.id, user_id: null, details: { job: 'mail' } },
  ])
  const { items } = await list('size=100')
  expect(items.filter(({ user_id }: Failed) => user_id === ann.id)).toEqual([])
})

test('with an Idempotency-Key a retry asked for twice is answered the same, and happens once', async () => {
  const { id } = await failMail(await createAccount(it))
  const key = { 'idempotency-key': randomUUID() }
  expect((await retry(id, root, key)).statusCode).toBe(204)
  const again = await retry(id, root, key)
  expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([204, 'true'])
  expect(await eventsOf(id)).toHaveLength(1)
})

test('what goes wrong after the job was put back takes it out again', async () => {
  const { id } = await failMail(await createAccount(it))
  const lost = it.ctx.db.transaction().execute(async (db) => {
    expect(await it.ctx.jobs.retry(db, id)).toBe(true)
    throw new Error('lost')
  })
  await expect(lost).rejects.toThrow('lost')
  expect((await list('size=100')).items.map((job: Failed) => job.id)).toContain(id)
})

test.each([randomUUID(), 'nothing', '%00', 'me'])('a retry of %s finds no job', async (id) => {
  expect((await retry(id, root)).json()).toMatchObject({ status: 404, code: 'job_not_found' })
})

test('a job that waits for its turn is no failed one', async () => {
  const { rows } = await sql<{ id: string }>`
    select id from pgboss.job where name = 'mail' limit 1`.execute(it.ctx.db)
  expect((await retry(rows[0]!.id, root)).statusCode).toBe(404)
})

test('only administrators see and retry jobs', async () => {
  const ann = await createAccount(it)
  const { id } = await failMail(ann)
  for (const [as, status, code] of [
    [ann, 403, 'admin_only'],
    [undefined, 401, 'unauthorized'],
  ] as const) {
    for (const answer of [await get(it, JOBS, as), await retry(id, as)]) {
      expect(answer.json()).toMatchObject({ status, code })
    }
  }
  expect(await eventsOf(id)).toEqual([])
})
