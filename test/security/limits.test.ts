import { readFileSync } from 'node:fs'
import type { InjectOptions } from 'fastify'
import { expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { type LimitName, LIMITS, type Rule } from '../../src/limits/table.ts'
import { createAccount, inHours, PASSWORD, send, startApp } from '../support/app.ts'

const it = await startApp({ RATE_LIMITS: 'on' })
const page = readFileSync('docs/limits.md', 'utf8')
const ann = await createAccount(it)
const ATTEMPTS = 60

let addresses = 0
const newAddress = () => `198.51.100.${++addresses}`
const nobody = () => `${newId()}@example.com`
const ask = (url: string, rest: object = {}): InjectOptions => ({
  url: `/api/v1${url}`,
  remoteAddress: newAddress(),
  ...rest,
})
const sendTo = (url: string, payload: object, rest: object = {}) =>
  ask(url, { method: 'POST', payload, ...rest })
const login = (email: string, rest: object = {}) =>
  sendTo('/auth/login', { email, password: 'not the password' }, rest)
const lookUp = ask(`/referrals/code-by-email?email=${nobody()}`)
const register = sendTo('/auth/register', { email: nobody(), password: 'password' })
const known = await send(it, sendTo('/auth/login', { email: ann.email, password: PASSWORD }))
const cookie = String(known.headers['set-cookie']).split(';')[0]!
const target = nobody()
const shared = newAddress()

/** A request that meets each limit, and in the end its refusal where only that says so. */
const MEETING: Record<LimitName, () => InjectOptions> = {
  login: () => login(target),
  login_device: () => login(ann.email, { headers: { cookie } }),
  login_address: () => login(nobody(), { remoteAddress: shared }),
  change_password: () =>
    sendTo(
      '/auth/change-password',
      { current_password: 'not the password', new_password: 'seven quiet lanterns' },
      { headers: ann.headers },
    ),
  setup: () =>
    sendTo(
      '/setup',
      { token: 'wrong', email: nobody(), password: PASSWORD },
      { remoteAddress: shared },
    ),
  register_hour: () => register,
  register_day: () => register,
  reset_per_email: () => sendTo('/auth/reset-password', { email: target }),
  reset_per_address: () => sendTo('/auth/reset-password', { email: nobody() }),
  code_by_email_minute: () => lookUp,
  code_by_email_hour: () => lookUp,
  code_by_email_day: () => lookUp,
  code_by_email_target: () => lookUp,
  unknown_code: () => ask('/referrals/codes/N0T-THERE', { remoteAddress: shared }),
  wanted_code: () => ask('/referrals/codes/MY-TEXT/availability', { headers: ann.headers }),
  create_code: () =>
    ask('/referrals/code', {
      method: 'PUT',
      payload: { expires_at: inHours(1) },
      headers: ann.headers,
    }),
  user: () => ask('/users/me', { headers: ann.headers }),
  anonymous: () => ask('/users/me'),
}

/** The policy of this name in the first answer that has one. */
async function answeredPolicy(name: LimitName): Promise<string | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { headers } = await send(it, MEETING[name]())
    const policies = String(headers['ratelimit-policy'] ?? '').split(', ')
    const found = policies.find((policy) => policy.startsWith(`"${name}"`))
    if (found) return found
  }
  return undefined
}

const limits = Object.entries<Rule>(LIMITS) as [LimitName, Rule][]

test.each(limits.filter(([, { silent }]) => !silent))(
  'the header of %s is the one in docs/limits.md',
  async (name, { counted, limit, periodMs }) => {
    const policy = await answeredPolicy(name)
    expect(policy).toBe(`"${name}";q=${limit};w=${periodMs / 1000}`)
    const row = page.split('\n').find((line) => line.includes(`\`${policy}\``))
    expect(row).toContain(`| ${counted} | ${limit} `)
  },
)

test.each(limits.filter(([, { silent }]) => silent))(
  '%s refuses without any header that says so',
  async (name, { counted }) => {
    expect(await answeredPolicy(name)).toBeUndefined()
    expect(page).toMatch(
      new RegExp(`^\\| ${counted} \\| .+ \\| none: it refuses silently \\|$`, 'm'),
    )
  },
)

test('every limit has a row, and no row is of anything else', () => {
  expect(page.match(/^\| (?!counted|---)/gm)).toHaveLength(limits.length)
})
