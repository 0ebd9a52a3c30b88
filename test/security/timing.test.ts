import { describe, expect, test } from 'vitest'
import { type Ask, measureInterleaved, timed } from '../../bench/interleave.ts'
import { auc } from '../../bench/statistics.ts'
import { verifyPassword } from '../../src/auth/passwords.ts'
import { findCredentials } from '../../src/auth/queries.ts'
import { findByEmail } from '../../src/codes/queries.ts'
import { newId } from '../../src/lib/ids.ts'
import { expireCode, insertCode } from '../support/rows.ts'
import { createAccount, get, post, startApp } from '../support/app.ts'

/**
 * What is compared is only ever two cases of the same run, asked in one random order. Where they cost the
 * same, every order of their times is as likely as any other, however noisy the machine: then the AUC of
 * 60 and 60 has a standard deviation of 0.053 around 0.5, and 0.3 away from it is 5.7 of them, which
 * happens once in 80 million comparisons. An early return is 0.5 away.
 */
const N = 60
const FAR = 0.3
const it = await startApp()
const { db } = it.ctx

const known = await createAccount(it)
const blocked = await createAccount(it)
await db.updateTable('users').set({ blocked_at: new Date() }).where('id', '=', blocked.id).execute()

const PASSWORD = 'not the password'
const nobody = () => `${newId()}@example.com`
const login = (email: string) => post(it, '/api/v1/auth/login', { email, password: PASSWORD })

async function compare(cases: Record<string, () => Promise<unknown>>) {
  const asks = Object.entries(cases).map(([name, work]): [string, Ask] => [name, () => timed(work)])
  for (const [, ask] of asks) for (let warm = 0; warm < 5; warm++) await ask(0)
  const times = await measureInterleaved(Object.fromEntries(asks), { n: N, seed: 7 })
  const [[, ours], ...others] = Object.entries(times) as [
    [string, number[]],
    ...[string, number[]][],
  ]
  return others.map(([name, theirs]) => ({ name, far: Math.abs(auc(ours, theirs) - 0.5) }))
}

/** How far from a coin's 0.5 the AUC is at most, of the first case with each of the others. */
const farthest = async (cases: Record<string, () => Promise<unknown>>) =>
  Math.max(...(await compare(cases)).map(({ far }) => far))

describe('what tells accounts apart is noticed', () => {
  /** Signs in as we do, but answers at once where there is nobody to compare with. */
  async function withoutDecoy(email: string): Promise<number> {
    const user = await findCredentials(db, { email })
    if (!user || user.blocked_at) return 401
    return (await verifyPassword(user.password_hash, PASSWORD)) ? 200 : 401
  }

  test('a sign-in that leaves the decoy out', async () => {
    const [unknown, shut] = await compare({
      known: () => withoutDecoy(known.email),
      unknown: () => withoutDecoy(nobody()),
      blocked: () => withoutDecoy(blocked.email),
    })
    expect(unknown!.far).toBeGreaterThan(FAR)
    expect(shut!.far).toBeGreaterThan(FAR)
  })
})

describe('time tells nothing', () => {
  test('signing in: unknown, blocked, a wrong password', async () => {
    const far = await farthest({
      unknown: () => login(nobody()),
      blocked: () => login(blocked.email),
      wrong: () => login(known.email),
    })
    expect(far).toBeLessThan(FAR)
  })

  test('a forgotten password: unknown, blocked, known', async () => {
    const ask = (email: string) => post(it, '/api/v1/auth/reset-password', { email })
    const far = await farthest({
      unknown: () => ask(nobody()),
      blocked: () => ask(blocked.email),
      known: () => ask(known.email),
    })
    expect(far).toBeLessThan(FAR)
  })

  test('a code by e-mail: unknown, without one, expired', async () => {
    const expired = await createAccount(it)
    await expireCode(it, (await insertCode(it, expired)).code)
    const ask = (email: string) => get(it, `/api/v1/referrals/code-by-email?email=${email}`)
    expect(await findByEmail(db, expired.email)).toBeUndefined()
    // Of an address that was asked before, the cache answers: the same for all of them.
    const unknown = nobody()
    const far = await farthest({
      unknown: () => ask(unknown),
      without: () => ask(known.email),
      expired: () => ask(expired.email),
    })
    expect(far).toBeLessThan(FAR)
  })
})

test('the three refusals of a sign-in are the same bytes', async () => {
  const answers = [await login(nobody()), await login(blocked.email), await login(known.email)]
  const told = answers.map(({ statusCode, headers, body }) => ({
    statusCode,
    names: Object.keys(headers),
    length: headers['content-length'],
    body: body.replaceAll(/"request_id":"[^"]+"/g, ''),
  }))
  expect(told[0]!.statusCode).toBe(401)
  expect(told[1]).toEqual(told[0])
  expect(told[2]).toEqual(told[0])
})
