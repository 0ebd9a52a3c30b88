import { expect, test } from 'vitest'
import { retireActive } from '../../src/codes/service.ts'
import { newId } from '../../src/lib/ids.ts'
import { writeEmailToken } from '../../src/recovery/email-tokens.ts'
import { openEmailToken } from '../../src/recovery/queries.ts'
import { attribute } from '../../src/referrals/service.ts'
import { post, startApp } from '../support/app.ts'
import { countWaiting, findBroken, insertCode, insertUsers, untried } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'

const it = await startApp()

test('a second unretired code is refused by the database itself, whatever the service forgot', async () => {
  const [ann] = await insertUsers(it, 1)
  await insertCode(it, ann!)
  const second = insertCode(it, ann!)
  await expect(second).rejects.toMatchObject({ constraint: 'referral_codes_active_code_exists' })
})

test('a code that a registration holds is retired after it, never in between', async () => {
  const [ann] = await insertUsers(it, 1)
  const { code } = await insertCode(it, ann!)
  const retiring = Promise.withResolvers<void>()
  let retired = false
  // Called when the code is held and the referral is not there yet.
  const cameOnDeviceOf = async () => {
    const done = retireActive(it.ctx, ann!.id).then(() => (retired = true))
    done.then(() => retiring.resolve(), retiring.reject)
    await waitFor(async () => retired || (await countWaiting(it)) > 0)
    return false
  }
  await untried(it, async (ctx) => {
    const [friend] = await insertUsers({ ...it, ctx }, 1)
    await attribute(ctx, { ...friend!, cameOnDeviceOf }, code)
  })
  await retiring.promise
  expect(await findBroken(it)).toEqual([])
})

test('a mailed link that twenty use at once is used by one', async () => {
  const [ann] = await insertUsers(it, 1)
  const id = newId()
  const link = { id, userId: ann!.id, purpose: 'verify', lifetimeMs: 60_000 }
  await openEmailToken(it.ctx.db, link)
  const token = writeEmailToken(it.ctx, 'verify', id)
  const uses = Array.from({ length: 20 }, () => post(it, '/api/v1/auth/verify-email', { token }))
  const statuses = (await Promise.all(uses)).map(({ statusCode }) => statusCode)
  expect(statuses.filter((status) => status === 204)).toHaveLength(1)
  expect(statuses.filter((status) => status === 410)).toHaveLength(19)
})
