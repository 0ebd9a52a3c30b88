import type { Generated, Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { connect, type Db } from './connect.ts'
import { hot, hotFirst } from './hot.ts'

// Tables that the service itself reads by their names only.
interface Tables {
  migrations: { name: string; applied_at: Generated<Date> }
  pg_prepared_statements: { name: string }
}
const tables = (db: Db) => db as unknown as Kysely<Tables>

async function open() {
  const url = await cloneDatabase()
  const { db } = connect(url, { max: 1, patienceMs: PATIENCE_MS })
  whenDone(() => db.destroy())
  return db
}

test('a hot query is built once, takes the values of each call, and is prepared by the connection', async () => {
  const db = await open()
  let builds = 0
  const find = hotFirst('test.find', (db, name: string, at: Date) => {
    builds++
    return tables(db)
      .selectFrom('migrations')
      .select(['name', 'applied_at'])
      .where('applied_at', '>', at)
      .where('name', '=', name)
  })
  const long = new Date(0)
  expect((await find(db, '0001_users.sql', long))?.name).toBe('0001_users.sql')
  expect((await find(db, '0002_sessions.sql', long))?.name).toBe('0002_sessions.sql')
  expect(await find(db, '0001_users.sql', new Date(Date.now() + 60_000))).toBeUndefined()
  expect(builds).toBe(1)
  const prepared = hot('test.prepared', (db) =>
    tables(db).selectFrom('pg_prepared_statements').select('name'),
  )
  expect(await prepared(db)).toContainEqual({ name: 'test.find' })
})

test('the fields of an object are found by their names, in whatever order they are given', async () => {
  const db = await open()
  const insert = hotFirst('test.both', (db, row: { name: string; applied_at: Date }) =>
    tables(db).insertInto('migrations').values(row).returning(['name', 'applied_at']),
  )
  const at = new Date(0)
  expect(await insert(db, { name: 'one', applied_at: at })).toEqual({ name: 'one', applied_at: at })
  const other = await insert(db, { applied_at: at, name: 'other' })
  expect(other).toEqual({ name: 'other', applied_at: at })
})

test('the fields of an object are values too, and a failing one changes nothing for the next', async () => {
  const db = await open()
  const insert = hotFirst('test.insert', (db, row: { name: string }) =>
    tables(db).insertInto('migrations').values(row).returning('name'),
  )
  await expect(insert(db, { name: '0001_users.sql' })).rejects.toThrow('duplicate key')
  expect(await insert(db, { name: 'one' })).toEqual({ name: 'one' })
  await db.transaction().execute(async (db) => {
    expect(await insert(db, { name: 'other' })).toEqual({ name: 'other' })
  })
})
