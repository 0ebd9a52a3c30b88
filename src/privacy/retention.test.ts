import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { insertUsers } from '../../test/support/rows.ts'
import { createAccount, get, startApp } from '../../test/support/app.ts'
import { newId } from '../lib/ids.ts'
import { deleteOld } from './retention.ts'
import { deleteEndedSessions, FIRST } from './retention-queries.ts'

const it = await startApp({ RETENTION_DAYS: '90', AUDIT_RETENTION_DAYS: '365' }, { worker: true })
const { db } = it.ctx
const [user] = await insertUsers(it, 1)
const ago = (days: number) => sql<Date>`clock_timestamp() - ${days} * interval '1 day'`

/** A session made `created` days ago, which expired or was ended so many days ago. */
async function session(created: number, expires: number, revoked?: number): Promise<string> {
  const id = newId()
  await db
    .insertInto('sessions')
    .values({
      id,
      user_id: user!.id,
      client_id: 'old',
      created_at: ago(created),
      used_at: ago(created),
      expires_at: ago(expires),
      ...(revoked !== undefined && { revoked_at: ago(revoked) }),
    })
    .execute()
  return id
}

async function link(created: number): Promise<string> {
  const id = newId()
  await db
    .insertInto('email_tokens')
    .values({
      id,
      user_id: user!.id,
      purpose: 'reset',
      created_at: ago(created),
      expires_at: sql`${ago(created)} + interval '10 minutes'`,
      used_at: ago(created),
    })
    .execute()
  return id
}

async function event(days: number): Promise<string> {
  const id = newId()
  const values = { id, at: ago(days), action: 'user.blocked', request_id: 'a-request' }
  await db.insertInto('audit_events').values(values).execute()
  return id
}

/** Which of these ids are still there. */
async function left(table: 'sessions' | 'email_tokens' | 'audit_events', ids: string[]) {
  const rows = await db.selectFrom(table).select('id').where('id', 'in', ids).execute()
  return ids.filter((id) => rows.some((row) => row.id === id))
}

test('sessions and links go 90 days after their end, the audit trail after its own time, nothing sooner', async () => {
  const sessions = {
    gone: [await session(120, 91), await session(100, 80, 91), await session(300, 290, 299)],
    kept: [await session(118, 89), await session(100, 80, 89), await session(19, -10)],
  }
  const links = { gone: [await link(91), await link(400)], kept: [await link(89), await link(0)] }
  const events = {
    gone: [await event(366), await event(2000)],
    kept: [await event(364), await event(91), await event(0)],
  }
  await deleteOld(it.ctx)
  expect(await left('sessions', [...sessions.gone, ...sessions.kept])).toEqual(sessions.kept)
  expect(await left('email_tokens', [...links.gone, ...links.kept])).toEqual(links.kept)
  expect(await left('audit_events', [...events.gone, ...events.kept])).toEqual(events.kept)
  expect(it.logged).toContainEqual(
    expect.objectContaining({ what: 'mailed links', days: 90, deleted: 2 }),
  )
})

test('whoever is signed in stays so', async () => {
  const ann = await createAccount(it)
  await deleteOld(it.ctx)
  expect((await get(it, '/api/v1/users/me', ann)).statusCode).toBe(200)
})

test('many are deleted in bounded statements, by two at once as well, and a held row delays nobody', async () => {
  const values = sql`
    insert into sessions (id, user_id, client_id, created_at, expires_at, revoked_at)
    select gen_random_uuid(), ${user!.id}, 'bulk', ${ago(200)}, ${ago(180)}, ${ago(190)}
    from generate_series(1, 12001)`
  await values.execute(db)
  const first = await deleteEndedSessions(db, 90, FIRST)
  expect(first).toEqual({ deleted: 2000, done: false, last: expect.any(String) })
  const count = async () => {
    const rows = await db
      .selectFrom('sessions')
      .select((where) => where.fn.countAll<number>().as('count'))
      .where('client_id', '=', 'bulk')
      .execute()
    return rows[0]!.count
  }
  await db.transaction().execute(async (held) => {
    await sql`select 1 from sessions where client_id = 'bulk' limit 1 for update`.execute(held)
    await Promise.all([deleteOld(it.ctx), deleteOld(it.ctx)])
    expect(await count()).toBe(1)
  })
  await deleteOld(it.ctx)
  expect(await count()).toBe(0)
})

test('it runs by itself each day, as a job', async () => {
  const { rows } = await sql<{ name: string; cron: string }>`
    select name, cron from pgboss.schedule where name = 'retention'`.execute(db)
  expect(rows).toEqual([{ name: 'retention', cron: '17 3 * * *' }])
  const old = await link(91)
  await it.ctx.jobs.enqueue(db, 'retention', {})
  await expect.poll(() => left('email_tokens', [old])).toEqual([])
})

test('the audit trail is kept 90 days at least', async () => {
  await expect(startApp({ AUDIT_RETENTION_DAYS: '89' })).rejects.toThrow('AUDIT_RETENTION_DAYS')
})
