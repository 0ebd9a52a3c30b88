import { expect } from 'vitest'
import { PASSWORD, send, type TestApp } from '../../test/support/app.ts'
import { newId } from '../lib/ids.ts'

/** What Chrome sends when a person opens a link. */
export const BROWSER = {
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** Opens a share link as a person does, from one address unless `headers` say otherwise. */
export const open = (
  it: TestApp,
  text: string,
  headers: Record<string, string | undefined> = {},
  method: 'GET' | 'HEAD' = 'GET',
) => {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...BROWSER, ...headers })) {
    if (value !== undefined) given[name] = value
  }
  return send(it, { method, url: `/r/${text}`, headers: given })
}

/** What Prometheus is told of clicks, by outcome. */
export async function outcomes(it: TestApp): Promise<Record<string, number>> {
  const { body } = await send(it, { method: 'GET', url: '/metrics' })
  const found = body.matchAll(/^invitree_clicks_total\{outcome="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries([...found].map(([, name = '', value]) => [name, Number(value)]))
}

/** Waits until nothing waits to be written, and says how many clicks the database has. */
export async function written(it: TestApp): Promise<number> {
  const waiting = async () => {
    const { body } = await send(it, { method: 'GET', url: '/metrics' })
    return /^invitree_clicks_waiting (\d+)$/m.exec(body)?.[1]
  }
  await expect.poll(waiting).toBe('0')
  return countClicks(it)
}

export async function countClicks(it: TestApp): Promise<number> {
  const { count } = await it.ctx.db
    .selectFrom('clicks')
    .select((where) => where.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** The cookie that an answer sets for the visitor, as the browser sends it back. */
export function visitorCookie(response: { headers: Record<string, unknown> }): string {
  const set = [response.headers['set-cookie'] ?? []].flat() as string[]
  return set.find((one) => one.includes('invitree_visitor='))?.split(';')[0] ?? ''
}

/** A browser: keeps the cookie between its requests. */
export function createBrowser(app: TestApp) {
  let cookie = ''
  const keep = (response: Awaited<ReturnType<typeof open>>) => {
    cookie = visitorCookie(response) || cookie
    return response
  }
  const headers = () => ({ ...(cookie && { cookie }), origin: 'http://localhost:8000' })
  const post = async (url: string, payload: object) =>
    keep(await send(app, { method: 'POST', url, payload, headers: headers() }))
  return {
    cookie: () => cookie,
    open: async (code: string) => keep(await open(app, code, cookie ? { cookie } : {})),
    register: async (fields: object = {}) => {
      const email = `${newId()}@example.com`
      const response = await post('/api/v1/auth/register', { email, password: PASSWORD, ...fields })
      const { statusCode, body } = response
      expect({ statusCode, body }).toMatchObject({ statusCode: 201 })
      return response.json() as {
        id: string
        email: string
        referred_by: { code: string } | null
      }
    },
    signIn: async ({ email }: { email: string }) => {
      const response = await post('/api/v1/auth/login', { email, password: PASSWORD })
      expect(response.statusCode).toBe(200)
      return response
    },
  }
}
