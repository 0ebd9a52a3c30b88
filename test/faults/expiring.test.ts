import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { AppError } from '../../src/errors.ts'
import { attribute } from '../../src/referrals/service.ts'
import { startApp } from '../support/app.ts'
import { whenDone } from '../support/cleanup.ts'
import { countWaiting, findBroken, insertCode, insertUsers, untried } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'
import { often } from './servers.ts'
import { publish } from './trial.ts'

// One connection of the pool is for looking who waits.
const AT_ONCE = 9

test('of registrations that wait for a code until it has expired none is attributed late', async () => {
  const it = await startApp()
  const { db: other } = connect(it.url, { max: 1 })
  whenDone(() => other.destroy())
  const [ann] = await insertUsers(it, 1)
  const rounds = Math.ceil(often(300, 10_000) / AT_ONCE)
  const outcomes: string[] = []
  for (let round = 0; round < rounds; round++) {
    const { id, code } = await insertCode(it, ann!)
    const waiting = await other.transaction().execute(async (db) => {
      await sql`select from referral_codes where id = ${id} for update`.execute(db)
      const arriving = Array.from({ length: AT_ONCE }, () => arrive(code))
      await waitFor(async () => (await countWaiting(it)) === AT_ONCE)
      // They began in time, and it is over when they get it.
      await sql`update referral_codes set expiry_set_at = clock_timestamp(),
        expires_at = clock_timestamp() + interval '1 millisecond' where id = ${id}`.execute(db)
      await sql`select pg_sleep(0.002)`.execute(db)
      return { arriving }
    })
    outcomes.push(...(await Promise.all(waiting.arriving)))
    await sql`update referral_codes set retired_at = expires_at where id = ${id}`.execute(it.ctx.db)
  }

  async function arrive(code: string): Promise<string> {
    try {
      await untried(it, async (ctx) => {
        const [friend] = await insertUsers({ ...it, ctx }, 1)
        await attribute(ctx, friend!, code)
      })
      return 'attributed'
    } catch (error) {
      if (error instanceof AppError && error.kind === 'invalid') return error.code
      throw error
    }
  }

  const late = outcomes.filter((outcome) => outcome === 'attributed').length
  publish({
    fault: 'codes expire while registrations wait',
    times: outcomes.length,
    refusedButPresent: late,
  })
  expect(new Set(outcomes)).toEqual(new Set(['referral_code_expired']))
  expect(await findBroken(it)).toEqual([])
})
