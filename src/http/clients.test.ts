import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { send, startApp, type TestApp } from '../../test/support/app.ts'

const it = await startApp({ RATE_LIMITS: 'on' })
let addresses = 0
/** An address that nobody used before. */
const newAddress = () => `198.51.100.${++addresses}`
const policy = async (on: TestApp, remoteAddress: string, headers: object = {}) => {
  const request = { url: '/api/v1/users/me', remoteAddress, headers: { ...headers } }
  return String((await send(on, request)).headers['ratelimit'] ?? '')
}
const forwarded = (value: string) => ({ 'x-forwarded-for': value })

test('somebody trying it out on this machine is not limited, a proxy on it is', async () => {
  expect(await policy(it, '127.0.0.1')).toBe('')
  expect(await policy(it, '::1')).toBe('')
  expect(await policy(it, '::ffff:127.0.0.1')).toBe('')
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    expect(await policy(it, '127.0.0.1', { [name]: '' })).not.toBe('')
  }
})

test('a forged X-Forwarded-For changes nothing', async () => {
  const remoteAddress = newAddress()
  let last = ''
  for (let count = 0; count < 100; count++) {
    last = await policy(it, remoteAddress, forwarded(newAddress()))
  }
  expect(Number(/r=(\d+)/.exec(last)?.[1])).toBeLessThan(250)
})

test.each([
  ['1', '10.0.0.1', '203.0.113.1', '203.0.113.2, 203.0.113.1'],
  ['2', '10.0.0.1', '203.0.113.2', '198.51.100.9, 203.0.113.2, 203.0.113.1'],
  ['10.0.0.0/8, ::1', '10.9.9.9', '203.0.113.1', '198.51.100.9, 203.0.113.1, 10.0.0.2'],
  ['::1', '::1', '203.0.113.1', '::ffff:203.0.113.1'],
  ['10.0.0.1', '10.0.0.2', '10.0.0.2', '203.0.113.1'],
])('TRUST_PROXY=%s and a connection from %s mean %s', async (trusted, peer, client, header) => {
  const on = await startApp({ RATE_LIMITS: 'on', TRUST_PROXY: trusted })
  const seen: string[] = []
  const { takeHere } = on.ctx.limits
  on.ctx.limits.takeHere = (name, key) => {
    seen.push(key)
    return takeHere(name, key)
  }
  expect(await policy(on, peer, forwarded(header))).toContain('r=299;')
  expect(seen).toEqual([client])
})

test.each([
  ['0', 'TRUST_PROXY must be'],
  ['100', 'TRUST_PROXY must be'],
  ['yes', 'yes is none'],
  ['10.0.0.0/33', '10.0.0.0/33 is none'],
  ['10.0.0.1, proxy', 'proxy is none'],
  ['::1/129', '::1/129 is none'],
])('TRUST_PROXY=%s stops the start', (value, problem) => {
  expect(() => readConfig({ TRUST_PROXY: value })).toThrow(problem)
})
