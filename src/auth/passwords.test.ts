import { availableParallelism } from 'node:os'
import { hash } from '@node-rs/argon2'
import { expect, test } from 'vitest'
import { createAccount, PASSWORD, post, startApp } from '../../test/support/app.ts'
import { newId } from '../lib/ids.ts'
import { hashing, hashPassword, isOutdated, verifyPassword } from './passwords.ts'
import { hashNewPassword } from './service.ts'

const it = await startApp()
const register = (password: string, email = `${newId()}@example.com`) =>
  post(it, '/api/v1/auth/register', { email, password })
const login = (email: string, password: string) =>
  post(it, '/api/v1/auth/login', { email, password })

const hashOf = async (id: string) =>
  (
    await it.ctx.db
      .selectFrom('users')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).password_hash!

/** Gives an account a hash of its password as it was made with weaker parameters. */
async function weaken(id: string): Promise<void> {
  const password_hash = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
  await it.ctx.db.updateTable('users').set({ password_hash }).where('id', '=', id).execute()
}

/** `count` different characters of four bytes each. */
const fires = (count: number) =>
  Array.from({ length: count }, (_, i) => String.fromCodePoint(0x1f300 + i)).join('')

const phrase = (length: number) => 'quiet lantern river '.repeat(7).slice(0, length)

test('a password is kept as argon2id with 19 MiB, two passes and a salt of its own', async () => {
  const [one, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(other)
  expect(isOutdated(one)).toBe(false)
  expect(await verifyPassword(one, PASSWORD)).toBe(true)
  expect(await verifyPassword(one, `${PASSWORD} `)).toBe(false)
  expect(await verifyPassword(null, PASSWORD)).toBe(false)
})

test('at most as many hashes as cores run at once, 32 wait, and the next is told to come back', async () => {
  const room = availableParallelism() + 32
  const asked = Array.from({ length: room + 20 }, () => hashPassword(PASSWORD))
  const outcomes = Promise.allSettled(asked)
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, hashing().active)), 1)
  const done = await outcomes
  clearInterval(watch)
  expect(most).toBe(availableParallelism())
  expect(done.slice(0, room).every(({ status }) => status === 'fulfilled')).toBe(true)
  for (const outcome of done.slice(room)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } })
  }
  expect(hashing()).toMatchObject({ active: 0, waiting: 0 })
})

test('a full queue is 503 with Retry-After on every operation that hashes', async () => {
  const ann = await createAccount(it)
  const same = { current_password: PASSWORD, new_password: PASSWORD }
  const operations = [
    () => register(PASSWORD),
    () => login(ann.email, PASSWORD),
    () => login('nobody@example.com', PASSWORD),
    () => post(it, '/api/v1/auth/token', { username: ann.email, password: PASSWORD }),
    () => post(it, '/api/v1/auth/change-password', same, ann),
  ]
  const fill = setInterval(() => {
    while (hashing().waiting < 32) void hashPassword(PASSWORD)
  }, 1)
  for (const operation of operations) {
    let answer = await operation()
    // A place in the queue may have come free at this very moment.
    while (answer.statusCode < 500) answer = await operation()
    expect(answer.statusCode, answer.body).toBe(503)
    expect(answer.json().code).toBe('overloaded')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  }
  clearInterval(fill)
  await expect.poll(() => hashing().active).toBe(0)
  expect((await login(ann.email, PASSWORD)).statusCode).toBe(200)
})

test('a hash of weaker parameters is made anew at the next sign-in', async () => {
  const ann = await createAccount(it)
  await weaken(ann.id)
  expect(isOutdated(await hashOf(ann.id))).toBe(true)
  expect((await login(ann.email, 'not the password')).statusCode).toBe(401)
  expect(isOutdated(await hashOf(ann.id))).toBe(true)
  expect((await login(ann.email, PASSWORD)).statusCode).toBe(200)
  const stronger = await hashOf(ann.id)
  expect(isOutdated(stronger)).toBe(false)
  expect((await login(ann.email, PASSWORD)).statusCode).toBe(200)
  expect(await hashOf(ann.id)).toBe(stronger)
})

test('a hash that is made anew meanwhile refuses nobody who has the right password', async () => {
  const ann = await createAccount(it)
  for (let round = 0; round < 5; round++) {
    await weaken(ann.id)
    const signingIn = Array.from({ length: 8 }, () => login(ann.email, PASSWORD))
    const next = { current_password: PASSWORD, new_password: PASSWORD }
    const changed = await post(it, '/api/v1/auth/change-password', next, ann)
    expect(changed.statusCode, changed.body).toBe(204)
    const statuses = (await Promise.all(signingIn)).map((answer) => answer.statusCode)
    expect(statuses).toEqual(Array(8).fill(200))
  }
})

test.each([
  ['spaces at both ends', '  correct horse battery  '],
  ['Cyrillic', 'правильная лошадь'],
  ['combining marks', 'cafe\u0301 cafe\u0301 noir'],
  ['a tab, a newline and quotation marks', 'tab\tline\n"\'\\ &=+%'],
  ['a letter that has two spellings', 'stra\u00dfe \u1e9e stra\u00dfe'],
])('a password with %s counts byte for byte', async (_, password) => {
  const email = `${newId()}@example.com`
  expect((await register(password, email)).statusCode).toBe(201)
  expect((await login(email, password)).statusCode).toBe(200)
  for (const near of [
    password.trim(),
    password.normalize('NFC'),
    password.normalize('NFD'),
    password.toUpperCase(),
    `${password} `,
  ]) {
    expect((await login(email, near)).statusCode).toBe(near === password ? 200 : 401)
  }
  const form = await it.app.inject({
    method: 'POST',
    url: '/api/v1/auth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ username: email, password }).toString(),
  })
  expect(form.statusCode).toBe(200)
})

test('a password has 8 to 128 characters, however many bytes each takes', async () => {
  expect(Buffer.byteLength(fires(128))).toBe(512)
  for (const password of [fires(8), fires(128), phrase(8), phrase(128)]) {
    expect((await register(password)).statusCode).toBe(201)
  }
  for (const [password, code] of [
    [fires(7), 'too_short'],
    [phrase(7), 'too_short'],
    [fires(129), 'too_long'],
    [phrase(129), 'too_long'],
  ] as const) {
    const answer = await register(password)
    expect(answer.json()).toMatchObject({ status: 422, errors: [{ pointer: '/password', code }] })
  }
})

test('the longest password signs in by every way', async () => {
  const email = `${newId()}@example.com`
  await register(fires(128), email)
  expect((await login(email, fires(128))).statusCode).toBe(200)
  expect((await login(email, fires(127))).statusCode).toBe(401)
  expect((await login(email, fires(129))).statusCode).toBe(401)
  expect((await login(email, 'a'.repeat(513))).statusCode).toBe(422)
})

test.each(['a1b2c3d', 'a1b2'.repeat(33), 'password', 'ann@example.com1', 'aaaaaaaabb'])(
  'the password %s is refused wherever it comes from',
  async (password) => {
    const hashed = async () => hashNewPassword(password, ['ann@example.com', null], '/there')
    await expect(hashed()).rejects.toMatchObject({ code: 'weak_password', pointer: '/there' })
  },
)
