import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import files from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Locale } from '../words/catalogue.ts'
import { publicWords } from '../words/public.ts'
import { wordsIn } from '../words/words-in.ts'
import { escapeHtml } from './docs-page.ts'
import { localeOf } from './errors.ts'
import { limitGuesses } from './limits.ts'
import { PORTAL_PATHS } from './portal-paths.ts'

export interface PortalOptions {
  ctx: Context
  /** The public name of a code's owner, null where they have none; throws where the code invites nobody. */
  inviterOf: (code: string) => Promise<string | null>
  /** Where `npm run build` put the portal. */
  folder?: string
}

interface Head {
  title: string
  description: string
  url?: string
}

const BUILT = join(import.meta.dirname, '../../portal/dist')
const NOT_BUILT = 'The portal is not built: run `npm run build` and start the service again.\n'
const hidden = { schema: { hide: true } }

/** The pages for people, from the folder that the build wrote: the API works without it. */
export const portal: FastifyPluginAsync<PortalOptions> = async (app, options) => {
  const { ctx, inviterOf, folder = BUILT } = options
  const template = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined)
  if (existsSync(join(folder, 'assets'))) await app.register(files, assetsOf(folder))

  const show = (request: FastifyRequest, reply: FastifyReply, head?: Head) =>
    template === undefined
      ? reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT)
      : page(reply, fill(template, request, reply, { ctx, head }))

  for (const path of PORTAL_PATHS) {
    if (path === '/join/:code') continue
    app.get(path, hidden, async (request, reply) => show(request, reply))
  }
  app.get<{ Params: { code: string } }>('/join/:code', hidden, async (request, reply) => {
    const { code } = request.params
    // A look-up that is refused leaves the page as it is without a name.
    const name = await limitGuesses(ctx, { request, reply }, () => inviterOf(code)).catch(
      () => null,
    )
    return show(request, reply, invitation(localeOf(request, ctx), name, ctx, code))
  })
  // People who lost their way are shown a page; programs are told as everywhere.
  app.get('/*', hidden, async (request, reply) => {
    const { accept = '' } = request.headers
    const isPage = accept.includes('text/html') && !/^\/api(?![^/?])/.test(request.url)
    if (!isPage || template === undefined) throw new AppError('not_found')
    return show(request, reply.code(404))
  })
}

const assetsOf = (folder: string) => ({
  root: join(folder, 'assets'),
  prefix: '/assets/',
  immutable: true,
  maxAge: '365d',
  preCompressed: true,
  index: false as const,
  decorateReply: false,
})

const page = (reply: FastifyReply, html: string) =>
  reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)

function fill(
  template: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { ctx, head }: { ctx: Context; head: Head | undefined },
): string {
  const nonce = randomBytes(16).toString('base64url')
  const { lang } = request.query as { lang?: unknown }
  const locale = lang === 'en' || lang === 'ru' ? lang : localeOf(request, ctx)
  void reply.headers({
    'content-security-policy': policy(nonce),
    'content-language': locale,
    vary: 'accept-language',
  })
  return template
    .replace('<html lang="en">', `<html lang="${locale}">`)
    .replaceAll('__NONCE__', nonce)
    .replace('<title>Invitree</title>', () => (head ? tags(head) : '<title>Invitree</title>'))
}

const policy = (nonce: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
  "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// The crawlers that make previews of links run no scripts: what they show is written here.
function invitation(locale: Locale, name: string | null, ctx: Context, code: string): Head {
  const say = wordsIn(publicWords, locale)
  const url = `${ctx.config.PUBLIC_URL}/join/${encodeURIComponent(code)}`
  const title = name === null ? say('invited') : say('invitedBy', { name })
  return { title, description: say('joinIntro'), url }
}

function tags({ title, description, url }: Head): string {
  const properties = { title, description, url, type: 'website', site_name: 'Invitree' }
  const metas = Object.entries(properties).map(
    ([name, content = '']) => `<meta property="og:${name}" content="${escapeHtml(content)}">`,
  )
  return [`<title>${escapeHtml(title)}</title>`, ...metas].join('\n    ')
}
