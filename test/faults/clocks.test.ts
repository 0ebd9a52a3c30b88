import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { type Instance, startInstance } from './servers.ts'
import { publish } from './trial.ts'

const MINUTE = 60_000
const APART_MS = 10 * MINUTE

test.each([
  { where: 'behind', aheadMs: -APART_MS },
  { where: 'ahead', aheadMs: APART_MS },
])(
  'an instance whose clock is ten minutes $where agrees with the others on codes and tokens',
  async ({ where, aheadMs }) => {
    const url = await cloneDatabase()
    // Shorter than the clocks are apart: by its own clock either would find all of the other's expired.
    const env = { DATABASE_URL: url, ACCESS_TOKEN_TTL: '300' }
    const right = await startInstance(env)
    const wrong = await startInstance({
      ...env,
      CLOCK_AHEAD_MS: String(aheadMs),
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'shifted-clock.ts')}`,
    })
    expect(Math.abs(clockOf(wrong) - Date.now() - aheadMs)).toBeLessThan(4 * MINUTE)

    const email = (name: string) => `${name}-${where}@example.com`
    const post = async (address: string, path: string, body: object, headers = {}) => {
      const answer = await fetch(`${address}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, string> }
    }
    const status = async (address: string, path: string, headers = {}) =>
      (await fetch(`${address}/api/v1${path}`, { headers })).status

    for (const [from, to] of [
      [right.address, wrong.address],
      [wrong.address, right.address],
    ] as const) {
      const name = from === right.address ? 'right' : 'wrong'
      const person = { email: email(name), password: PASSWORD }
      expect((await post(from, '/auth/register', person)).status).toBe(201)
      const { body: tokens } = await post(from, '/auth/login', person)
      const headers = { authorization: `Bearer ${tokens['access_token']}` }
      expect(await status(to, '/users/me', headers)).toBe(200)
      const refresh = { grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] }
      const { body: fresh } = await post(to, '/auth/token', refresh)
      const refreshed = { authorization: `Bearer ${fresh['access_token']}` }
      expect(await status(from, '/users/me', refreshed)).toBe(200)

      // Valid for less than the clocks are apart.
      const expires_at = new Date(Date.now() + 5 * MINUTE).toISOString()
      const made = await post(from, '/referrals/code', { expires_at }, headers)
      expect(made.status).toBe(201)
      const code = made.body['code']!
      const checked = await fetch(`${to}/api/v1/referrals/codes/${code}`)
      expect(await checked.json()).toMatchObject({ is_active: true })
      const friend = { email: email(`friend-of-${name}`), password: PASSWORD, referral_code: code }
      expect((await post(to, '/auth/register', friend)).status).toBe(201)
      const past = { expires_at: new Date(Date.now() - MINUTE).toISOString() }
      expect((await post(to, '/referrals/code', past, refreshed)).body['code']).toBe(
        'expires_at_in_past',
      )
    }
    publish({ fault: `clock of an instance ten minutes ${where}`, times: 1 })
  },
)

/** What the clock of an instance said when it started, as its log has it. */
function clockOf({ service }: Instance): number {
  const line = service.output.find((line) => line.startsWith('{')) ?? '{}'
  return Date.parse((JSON.parse(line) as { time: string }).time)
}
