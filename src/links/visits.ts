import type { IncomingHttpHeaders } from 'node:http'
import crawlers from 'crawler-user-agents'
import { rememberRecent } from '../lib/memory.ts'

/** What asked for a share link; only a person's visit is a click. */
export type Visit = 'person' | 'preview' | 'bot' | 'head' | 'ahead' | 'embedded'

/**
 * What a request for a share link is. A browser that says what it is up to (Fetch Metadata) is believed; one
 * that is too old for it, or reached over plain http, counts as a person when it asks for a page.
 */
export function visitOf(method: string, headers: IncomingHttpHeaders): Visit {
  const kind = kindOf(headers['user-agent']?.slice(0, AGENT_MAX) ?? '')
  if (kind !== 'browser') return kind
  if (method === 'HEAD') return 'head'
  if (isAhead(headers)) return 'ahead'
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, accept = '' } = headers
  const navigates =
    mode === undefined
      ? accept.includes('text/html')
      : mode === 'navigate' && (dest === undefined || dest === 'document')
  return navigates ? 'person' : 'embedded'
}

/** Whether a browser fetches what nobody has asked to see yet. */
const isAhead = (headers: IncomingHttpHeaders) =>
  ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /prefetch|prerender|preview/i.test(String(headers[name] ?? '')),
  )

type Kind = 'browser' | 'preview' | 'bot'

const AGENT_MAX = 512

const listed = crawlers as { pattern: string; tags?: string[] }[]
const anyOf = (some: typeof listed) => new RegExp(some.map(({ pattern }) => pattern).join('|'))
const BOTS = anyOf(listed)
const PREVIEWS = anyOf(listed.filter(({ tags }) => tags?.includes('social-preview')))

// Some 1,500 patterns take about 10 µs: most visits come from few agents.
const kindOf = rememberRecent(1000, (agent): Kind => {
  if (PREVIEWS.test(agent)) return 'preview'
  return isBrowser(agent) ? 'browser' : 'bot'
})

const isBrowser = (agent: string) => /^(Mozilla|Opera)\//.test(agent) && !BOTS.test(agent)
