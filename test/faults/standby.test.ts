import { sql } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'
import { type Context, inTransaction } from '../../src/context.ts'
import { connect } from '../../src/db/connect.ts'
import { whenDone } from '../support/cleanup.ts'
import { waitFor } from '../support/wait.ts'
import { startPostgres } from './servers.ts'

test('what no synchronous standby has is not acknowledged, however long the wait, and seen by nobody', async () => {
  const { url } = await startPostgres()
  const admin = new pg.Client({ connectionString: url })
  admin.on('error', () => {})
  await admin.connect()
  await admin.query('create table marks (mark text)')
  await admin.query(`alter system set synchronous_standby_names = 'nobody'`)
  await admin.query('select pg_reload_conf()')

  const { db } = connect(url, { patienceMs: 500 })
  whenDone(() => db.destroy())
  const write = (mark: string) =>
    inTransaction({ db } as Context, ({ db }) =>
      sql`insert into marks values (${mark})`.execute(db),
    ).then(
      () => 'acknowledged',
      (error: { code: string }) => error.code,
    )
  // Until the server has taken in that it waits for one.
  await waitFor(async () => (await write('before')) !== 'acknowledged')
  const marks = async () => {
    const { rows } = await admin.query<{ mark: string }>('select mark from marks')
    return rows.filter(({ mark }) => mark === 'during')
  }
  expect(await write('during')).toBe('outcome_unknown')
  expect(await marks()).toEqual([])

  await admin.query('alter system reset synchronous_standby_names')
  await admin.query('select pg_reload_conf()')
  await waitFor(async () => (await marks()).length > 0)
  await admin.end()
})
