import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { whenDone } from '../support/cleanup.ts'
import { cloneDatabase } from '../support/database.ts'
import { check } from './checker.ts'
import { startLoad } from './generator.ts'
import { startInstance } from './servers.ts'
import { seedOf } from './trial.ts'

test('the checker finds what was taken away, and what was refused and is there all the same', async () => {
  const url = await cloneDatabase()
  const { address } = await startInstance({ DATABASE_URL: url })
  const load = startLoad(address, seedOf(3))
  while (!['register', 'refresh', 'replace_code'].every((kind) => done(kind))) {
    await load.more('ok')
  }
  const history = await load.stop()
  function done(kind: string) {
    return load.history.some(({ operation, outcome }) => {
      return operation.kind === kind && outcome === 'ok'
    })
  }
  const nothing = { lost: [], refusedButPresent: [], duplicates: [], violations: [] }
  expect(await check(url, history)).toEqual(nothing)

  const refused = history.map((entry) => ({ ...entry, outcome: 'failed' as const }))
  expect((await check(url, refused)).refusedButPresent.length).toBeGreaterThan(3)

  const { db } = connect(url, { max: 1 })
  whenDone(() => db.destroy())
  await sql`update sessions set counter = 0`.execute(db)
  await sql`update referral_codes set retired_at = clock_timestamp()`.execute(db)
  await sql`delete from pgboss.job`.execute(db)
  const { lost } = await check(url, history)
  for (const what of [/^refresh /, /^the code of /, /^the mail to /]) {
    expect(lost).toContainEqual(expect.stringMatching(what))
  }
  await sql`insert into sessions (id, user_id, client_id, user_agent, created_at, expires_at)
    select gen_random_uuid(), user_id, client_id, user_agent, created_at, expires_at
    from sessions`.execute(db)
  expect((await check(url, history)).duplicates.length).toBeGreaterThan(0)
})
