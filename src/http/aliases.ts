import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'

interface Alias {
  method: string
  /** What the path begins with: most requests are known by it for none of these. */
  start: string
  path: RegExp
  to: (match: RegExpExecArray) => string
  /** Fields that the original put into the path and we take in the body. */
  body?: (match: RegExpExecArray) => Record<string, string>
}

const API = '/api/v1'
const segment = '([^/?]+)'

/** Paths of the original services, each rewritten to ours: a client written for one keeps working. */
export const ALIASES: Alias[] = [
  alias('POST', `${API}/auth/user`, () => `${API}/auth/register`),
  {
    ...alias('POST', `${API}/auth/user/${segment}`, () => `${API}/auth/register`),
    body: ([, code]) => ({ referral_code: decode(code) }),
  },
  alias('GET', `${API}/codes`, () => `${API}/referrals/codes`),
  alias('POST', `${API}/codes`, () => `${API}/referrals/code`),
  alias('GET', `${API}/codes/([^/?]*(?:@|%40)[^/?]*)`, ([, email]) => {
    return `${API}/referrals/code-by-email?email=${encodeURIComponent(decode(email))}`
  }),
  alias('DELETE', `${API}/codes/${segment}`, ([, code]) => `${API}/referrals/codes/${code}`),
  alias('GET', `${API}/users/(?!me/?$)${segment}`, ([, id]) => `${API}/users/${id}/referrals`),
  alias('POST', '/auth/register', () => `${API}/auth/register`),
  alias('POST', '/auth/login', () => `${API}/auth/login`),
  alias('POST', '/auth/reset_password', () => `${API}/auth/reset-password`),
  alias('POST', '/auth/change_password', () => `${API}/auth/change-password`),
  alias('POST', '/referral/code', () => `${API}/referrals/code`),
  alias('DELETE', '/referral/code', () => `${API}/referrals/code`),
  alias('GET', '/referral/code/by-email', () => `${API}/referrals/code-by-email`),
  alias('GET', '/referral/referrals', () => `${API}/users/me/referrals`),
  alias('GET', '/swagger', () => '/docs'),
]

const fields = new WeakMap<IncomingMessage, Record<string, string>>()

/** The URL that the router sees in place of the one that was asked. */
export function rewriteUrl(request: IncomingMessage): string {
  const url = request.url ?? '/'
  for (const { method, start, path: pattern, to, body } of ALIASES) {
    if (!url.startsWith(start)) continue
    const [path, query] = split(url)
    const match =
      method === request.method || (method === 'GET' && request.method === 'HEAD')
        ? pattern.exec(path)
        : null
    if (!match) continue
    if (body) fields.set(request, body(match))
    const target = to(match)
    return query === undefined ? target : `${target}${target.includes('?') ? '&' : '?'}${query}`
  }
  return url
}

/** Puts into the body what an original path carried. */
export function fillAliasedBodies(app: FastifyInstance) {
  app.addHook('preValidation', (request, _reply, done) => {
    const extra = fields.get(request.raw)
    if (extra && typeof request.body === 'object') request.body = { ...request.body, ...extra }
    done()
  })
}

function alias(method: string, path: string, to: Alias['to']): Alias {
  return { method, start: path.split(/[([]/)[0]!, path: new RegExp(`^${path}/?$`), to }
}

function split(url: string): [string, string | undefined] {
  const at = url.indexOf('?')
  return at === -1 ? [url, undefined] : [url.slice(0, at), url.slice(at + 1)]
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
