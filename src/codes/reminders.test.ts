import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { startApp } from '../../test/support/app.ts'
import { insertUsers } from '../../test/support/rows.ts'
import { newId } from '../lib/ids.ts'
import { foldCode, generateCode } from '../lib/code-text.ts'
import { remindOwners } from './service.ts'

const it = await startApp()

/** Codes of as many people, made long ago, that end in two days. */
async function insertEnding(count: number): Promise<string[]> {
  const users = await insertUsers(it, count)
  const codes = users.map(({ id: user_id }) => {
    const code = generateCode()
    return {
      id: newId(),
      user_id,
      code,
      code_key: foldCode(code),
      created_at: sql<Date>`clock_timestamp() - interval '20 days'`,
      expiry_set_at: sql<Date>`clock_timestamp() - interval '20 days'`,
      expires_at: sql<Date>`clock_timestamp() + interval '2 days'`,
    }
  })
  await it.ctx.db.insertInto('referral_codes').values(codes).execute()
  return codes.map(({ id }) => id)
}

async function toldOf(ids: string[]): Promise<number> {
  const told = await it.ctx.db
    .selectFrom('referral_codes')
    .select('id')
    .where('id', 'in', ids)
    .where('expiry_announced_at', 'is not', null)
    .execute()
  return told.length
}

test('a code that somebody holds keeps no other owner from being told, and is told of when it is free', async () => {
  const ids = await insertEnding(3)
  await it.ctx.db.transaction().execute(async (db) => {
    // As a registration with the code does.
    await db
      .selectFrom('referral_codes')
      .select('id')
      .where('id', '=', ids[0]!)
      .forShare()
      .execute()
    await remindOwners(it.ctx)
    expect(await toldOf(ids)).toBe(2)
  })
  await remindOwners(it.ctx)
  expect(await toldOf(ids)).toBe(3)
})

test('however many end at once, each is told of once, some in each transaction', async () => {
  const ids = await insertEnding(450)
  const jobsBefore = await countMails()
  await Promise.all([remindOwners(it.ctx), remindOwners(it.ctx)])
  expect(await toldOf(ids)).toBe(450)
  expect((await countMails()) - jobsBefore).toBe(450)
  const { rows } = await sql<{ stamps: number }>`
    select count(distinct xmin::text)::int as stamps from referral_codes where id = any(${ids})`.execute(
    it.ctx.db,
  )
  expect(rows[0]!.stamps).toBeGreaterThanOrEqual(5)
})

async function countMails(): Promise<number> {
  const { rows } = await sql<{ mails: number }>`
    select count(*)::int as mails from pgboss.job where name = 'mail'`.execute(it.ctx.db)
  return rows[0]!.mails
}
