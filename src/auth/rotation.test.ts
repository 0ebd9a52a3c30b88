import { sql } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Account, createAccount, get, post, send, startApp } from '../../test/support/app.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { newId } from '../lib/ids.ts'
import { deriveKey, mac } from '../lib/secrets.ts'
import { createKeys } from './keys.ts'
import { insertSession } from './queries.ts'
import { type Auth, refresh as refreshAt } from './sessions.ts'
import { createAccessTokens, readRefreshToken, writeRefreshToken } from './tokens.ts'

const it = await startApp()
const TOKEN = '/api/v1/auth/token'

const refresh = (refresh_token: string) =>
  post(it, TOKEN, { grant_type: 'refresh_token', refresh_token })

const idOf = ({ refresh_token }: Account) => readRefreshToken(it.ctx, refresh_token)!.id

const sessionOf = (account: Account) =>
  it.ctx.db
    .selectFrom('sessions')
    .selectAll()
    .where('id', '=', idOf(account))
    .executeTakeFirstOrThrow()

/** Moves a session's times into the past, as if it had been left alone for so long. */
const age = (id: string, seconds: number) =>
  sql`update sessions set created_at = created_at - make_interval(secs => ${seconds}),
    used_at = used_at - make_interval(secs => ${seconds}),
    expires_at = expires_at - make_interval(secs => ${seconds}) where id = ${id}`.execute(it.ctx.db)

async function expectEnded(account: Account): Promise<void> {
  expect((await sessionOf(account)).revoked_at).not.toBeNull()
  const write = await send(it, { method: 'DELETE', url: '/api/v1/auth/sessions' }, account)
  expect(write.json()).toMatchObject({ status: 401, code: 'invalid_token' })
}

test.each([20, 200])('%i uses of one refresh token at once give one successor', async (uses) => {
  const ann = await createAccount(it)
  const answers = await Promise.all(Array.from({ length: uses }, () => refresh(ann.refresh_token)))
  expect(answers.map((answer) => answer.statusCode)).toEqual(Array(uses).fill(200))
  const successors = new Set(answers.map((answer) => answer.json().refresh_token))
  expect(successors.size).toBe(1)
  expect(successors).not.toContain(ann.refresh_token)
  expect(await sessionOf(ann)).toMatchObject({ counter: 1, revoked_at: null })
})

test('a retry whose first reply was lost gets the same successor, for ten seconds', async () => {
  const ann = await createAccount(it)
  const first = (await refresh(ann.refresh_token)).json().refresh_token
  await age(idOf(ann), 9)
  expect((await refresh(ann.refresh_token)).json().refresh_token).toBe(first)
  // A retry is no use: it does not begin the ten seconds anew.
  await age(idOf(ann), 1.5)
  const late = await refresh(ann.refresh_token)
  expect(late.statusCode).toBe(400)
  expect(late.json()).toMatchObject({ error: 'invalid_grant', code: 'invalid_grant' })
  await expectEnded(ann)
  expect((await refresh(first)).json().error).toBe('invalid_grant')
})

test('a use after the successor was used ends the session: writes at once, reads within 5 s', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const read = () => get(it, '/api/v1/auth/sessions', bob)
  for (const { refresh_token } of [ann, bob]) {
    const second = (await refresh(refresh_token)).json().refresh_token
    expect((await refresh(second)).statusCode).toBe(200)
    expect((await read()).statusCode).toBe(200)
    expect((await refresh(refresh_token)).json().error).toBe('invalid_grant')
  }
  const passed = startStopwatch()
  await expectEnded(ann)
  while ((await read()).statusCode === 200) await sleep(50)
  expect(passed()).toBeLessThan(5000)
  expect((await read()).json()).toMatchObject({ status: 401, code: 'invalid_token' })
  await expectEnded(bob)
})

test('a token of another session or another number tells nothing and changes nothing', async () => {
  const [ann, bob] = [await createAccount(it), await createAccount(it)]
  const id = idOf(ann)
  const proof = ann.refresh_token.split('.')[2]!
  const head = id.replaceAll('-', '')
  const forged = [
    '.',
    '..',
    `${head}.0`,
    `${head}.0.`,
    `${head}.1.${proof}`,
    `${head}.0.${proof}x`,
    `${head}.0.${proof}.`,
    `${head}.0.${proof}.x`,
    ` ${head}.0.${proof}`,
    `${head}.0.${proof} `,
    `${id}.0.${proof}`,
    `${head.toUpperCase()}.0.${proof}`,
    `${head}.0.${bob.refresh_token.split('.')[2]}`,
    `${head}.0.${'A'.repeat(43)}`,
    `${newId()}.0.${proof}`,
    writeRefreshToken(it.ctx, newId(), 0),
    writeRefreshToken({ ...it.ctx, secret: 'another secret, 32 letters long..' }, id, 0),
  ]
  for (const token of forged) {
    const answer = await refresh(token)
    expect(answer.statusCode, token).toBe(400)
    expect(answer.json(), token).toMatchObject({ error: 'invalid_grant', code: 'invalid_grant' })
    expect(await sessionOf(ann), token).toMatchObject({ counter: 0, revoked_at: null })
  }
  expect((await refresh(ann.access_token)).statusCode).toBe(400)
})

test('odd numbers in a refresh token are harmless, even with a true proof', async () => {
  const ann = await createAccount(it)
  const key = deriveKey(it.ctx.secret, 'refresh-tokens')
  const odd = '1e3|01|-1|+0|0.0|0x0|1.5|NaN|Infinity|2147483647|2147483648|1e308|٣| 0|0 |'.split(
    '|',
  )
  for (const number of [...odd, '9'.repeat(100)]) {
    const head = `${idOf(ann).replaceAll('-', '')}.${number}`
    const token = `${head}.${mac(key, head)}`
    expect(readRefreshToken(it.ctx, token), number).toBeUndefined()
    expect((await refresh(token)).statusCode, number).toBe(400)
  }
  expect(await sessionOf(ann)).toMatchObject({ counter: 0, revoked_at: null })
  expect((await refresh(writeRefreshToken(it.ctx, idOf(ann), 999_999_999))).statusCode).toBe(400)
})

test('a session left alone for 14 days has ended, and 30 days are the end of any', async () => {
  const [idle, old] = [await createAccount(it), await createAccount(it)]
  await age(idOf(idle), 14 * 86_400 + 1)
  expect((await refresh(idle.refresh_token)).json().error).toBe('invalid_grant')
  await expectEnded(idle)

  await age(idOf(old), 13 * 86_400)
  const second = (await refresh(old.refresh_token)).json().refresh_token
  await age(idOf(old), 13 * 86_400)
  const third = (await refresh(second)).json().refresh_token
  const { created_at, expires_at } = await sessionOf(old)
  expect(expires_at.getTime() - created_at.getTime()).toBe(30 * 86_400_000)
  await age(idOf(old), 4 * 86_400 - 1)
  expect((await get(it, '/api/v1/auth/sessions', old)).statusCode).toBe(200)
  await age(idOf(old), 2)
  expect((await refresh(third)).json().error).toBe('invalid_grant')
})

test.each(['blocked_at', 'erased_at'])('%s ends what is signed in', async (column) => {
  const ann = await createAccount(it)
  const gone = { email: null, email_key: null, password_hash: null }
  await it.ctx.db
    .updateTable('users')
    .set({ [column]: new Date(), ...(column === 'erased_at' && gone) })
    .where('id', '=', ann.id)
    .execute()
  const write = await send(it, { method: 'DELETE', url: '/api/v1/auth/sessions' }, ann)
  expect(write.json()).toMatchObject({ status: 401, code: 'invalid_token' })
  expect((await refresh(ann.refresh_token)).json().error).toBe('invalid_grant')
})

// The thief has copied the victim's refresh token. Each use is by one of the two, at once or late.
const USES = ['victim at once', 'victim late', 'thief at once', 'thief late'] as const
type Use = (typeof USES)[number]

const orders = (length: number): Use[][] =>
  length === 0 ? [[]] : orders(length - 1).flatMap((order) => USES.map((use) => [...order, use]))

/** The rule: what each use must answer, the number of the token that it gives or null. */
function expected(order: Use[]): (number | null)[] {
  const held = new Map([
    ['victim', 0],
    ['thief', 0],
  ])
  let next = 0
  let spentLately = false
  let ended = false
  return order.map((use) => {
    const [who = '', ...when] = use.split(' ')
    if (when.join(' ') === 'late') spentLately = false
    const number = held.get(who)!
    if (ended || (number !== next && !(number === next - 1 && spentLately))) {
      ended = true
      return null
    }
    if (number === next) {
      next++
      spentLately = true
    }
    held.set(who, next)
    return next
  })
}

async function answered(ctx: Auth, userId: string, order: Use[]): Promise<(number | null)[]> {
  const session = { id: newId(), user_id: userId, client_id: 'x', user_agent: '' }
  await insertSession(ctx.db, session, 86_400)
  const first = writeRefreshToken(ctx, session.id, 0)
  const held = new Map([
    ['victim', first],
    ['thief', first],
  ])
  const answers: (number | null)[] = []
  for (const use of order) {
    const [who = ''] = use.split(' ')
    if (use.endsWith('late')) await age(session.id, 11)
    const given = await refreshAt(ctx, { id: null, request_id: 'test' }, held.get(who)!).catch(
      refused,
    )
    if (given) held.set(who, given.refresh_token)
    answers.push(given ? readRefreshToken(ctx, given.refresh_token)!.counter : null)
  }
  return answers
}

function refused(error: unknown): null {
  expect(error).toMatchObject({ code: 'invalid_grant' })
  return null
}

test('in every order of five uses by thief and victim the rule of reuse holds', async () => {
  const ctx = { ...it.ctx, tokens: createAccessTokens(it.ctx, createKeys(it.ctx)) }
  const { id } = await createAccount(it)
  const all = orders(5)
  expect(all).toHaveLength(1024)
  const waiting = all.values()
  const walk = async () => {
    for (const order of waiting) {
      expect(await answered(ctx, id, order), order.join(', ')).toEqual(expected(order))
    }
  }
  await Promise.all(Array.from({ length: 8 }, walk))
})
