import { expect, test } from 'vitest'
import { createAccount, PASSWORD, send, startApp } from '../../test/support/app.ts'
import { hashing } from '../auth/service.ts'
import { askingFor, login, times } from './limits.fixture.ts'

const it = await startApp({ RATE_LIMITS: 'on' })
const statuses = askingFor(it)

test('after five failures one waits, whether there is such an account or not, also on loopback', async () => {
  const ann = await createAccount(it, { username: 'limited' })
  for (const body of [{ email: ann.email }, { username: 'limited' }, { email: 'no@example.com' }]) {
    const wrong = () => login('127.0.0.1', { ...body, password: 'not the password' })
    expect(await statuses(5, wrong)).toEqual(times(5, 401))
    const refused = await send(it, login('127.0.0.1', { ...body, password: PASSWORD }))
    expect(refused.headers['retry-after']).toBe('1')
    expect({ ...refused.json(), request_id: '' }).toEqual({
      type: 'http://localhost:8000/docs/errors#rate_limited',
      title: 'Too many requests',
      status: 429,
      detail: 'Try again in 1 seconds, as the Retry-After header says.',
      instance: '/api/v1/auth/login',
      code: 'rate_limited',
      request_id: '',
    })
  }
})

test('what is refused costs no hash, and of many at once only five are let through', async () => {
  const wrong = login('127.0.0.1', { email: 'many@example.com', password: 'not the password' })
  const asked = Array.from({ length: 40 }, () => send(it, wrong))
  let most = 0
  const watch = setInterval(() => {
    const { active, waiting } = hashing()
    most = Math.max(most, active + waiting)
  }, 1)
  const found = (await Promise.all(asked)).map(({ statusCode }) => statusCode)
  clearInterval(watch)
  expect(found.filter((status) => status === 401)).toHaveLength(5)
  expect(found.filter((status) => status === 429)).toHaveLength(35)
  expect(most).toBeLessThanOrEqual(5)
})

test('the right password forgets the failures before it', async () => {
  const ann = await createAccount(it)
  const wrong = () => login('127.0.0.1', { email: ann.email, password: 'not the password' })
  const right = login('127.0.0.1', { email: ann.email, password: PASSWORD })
  for (let count = 0; count < 3; count++) {
    expect(await statuses(4, wrong)).toEqual(times(4, 401))
    expect((await send(it, right)).statusCode).toBe(200)
  }
})

test('an address has twenty failures, its /64 too; signing in well takes none', async () => {
  const ann = await createAccount(it)
  const addressOf = (number: number) => `2001:db8:1:2::${(number + 1).toString(16)}`
  const right = (number: number) =>
    login(addressOf(number), { email: ann.email, password: PASSWORD })
  const wrong = (number: number) =>
    login(addressOf(number), { email: `x${number}@example.com`, password: 'wrong password' })
  expect(await statuses(22, right)).toEqual(times(22, 200))
  expect(await statuses(21, wrong)).toEqual([...times(20, 401), 429])
  expect((await send(it, right(0))).headers['retry-after']).toBe('30')
  expect(
    (await send(it, login('2001:db8:1:3::1', { email: ann.email, password: PASSWORD }))).statusCode,
  ).toBe(200)
})

test('the token endpoint refuses in its own form', async () => {
  const request = {
    method: 'POST',
    url: '/api/v1/auth/token',
    payload: { username: 'oauth@example.com', password: 'not the password' },
  } as const
  expect(await statuses(5, () => request)).toEqual(times(5, 400))
  const refused = await send(it, request)
  expect(refused.statusCode).toBe(429)
  expect(refused.headers['retry-after']).toBe('1')
  expect(refused.json()).toMatchObject({
    error: 'temporarily_unavailable',
    error_description: 'Too many requests',
    code: 'rate_limited',
  })
})

test('the current password is not found out by changing it', async () => {
  const ann = await createAccount(it)
  const change = () => ({
    method: 'POST' as const,
    url: '/api/v1/auth/change-password',
    headers: ann.headers,
    payload: { current_password: 'not the password', new_password: 'another good phrase' },
  })
  expect(await statuses(6, change)).toEqual([...times(5, 401), 429])
})
