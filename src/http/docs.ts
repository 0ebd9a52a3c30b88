import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Context } from '../context.ts'
import { lazy } from '../lib/lazy.ts'
import { type AssetUrl, serveAssets } from './docs-assets.ts'
import { docsPage } from './docs-page.ts'
import { errorsPage } from './errors-page.ts'
import { localeOf } from './errors.ts'
import { openApiDocument } from './openapi.ts'

const POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
// Swagger UI's icons are data, and pictures that an operation answered are shown from blobs.
const SWAGGER_POLICY = `${POLICY}; img-src 'self' data: blob:`
// ReDoc writes its styles into the page and searches in a worker made of a blob.
const REDOC_POLICY = `${POLICY}; img-src 'self' data:; style-src 'self' 'unsafe-inline'; worker-src blob:`

const docs: FastifyPluginAsync<{ ctx: Context }> = async (app, { ctx }) => {
  await app.register(openApiDocument, { passwordGrant: ctx.config.OAUTH_PASSWORD_GRANT === 'on' })
  if (!ctx.config.DOCS_ENABLED) return
  const assets = serveAssets(app)
  const hidden = { schema: { hide: true } }

  // As bytes: encoding the text for 300 readers at once kept everybody else waiting for seconds.
  const document = lazy(() => Buffer.from(JSON.stringify(app.swagger())))
  app.get('/openapi.json', hidden, async (_request, reply) => {
    return reply.type('application/json').header('cache-control', 'no-cache').send(document())
  })

  app.get('/docs', hidden, async (_request, reply) =>
    html(reply, SWAGGER_POLICY, swaggerPage(await assets())),
  )

  app.get('/redoc', hidden, async (_request, reply) =>
    html(reply, REDOC_POLICY, redocPage(await assets())),
  )

  app.get<{ Querystring: { lang?: unknown } }>('/docs/errors', hidden, async (request, reply) => {
    const { lang } = request.query
    const locale = lang === 'en' || lang === 'ru' ? lang : localeOf(request, ctx)
    void reply.headers({ 'content-language': locale, vary: 'accept-language' })
    return html(reply, POLICY, errorsPage(locale, await assets()))
  })
}

/** The documentation for people, from files of npm packages and our own only. */
export const documentation = fp(docs)

const html = (reply: FastifyReply, policy: string, page: string) =>
  reply
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': policy, 'cache-control': 'no-cache' })
    .send(page)

const swaggerPage = (asset: AssetUrl) =>
  docsPage(
    {
      here: '/docs',
      locale: 'en',
      title: 'Invitree API: try it',
      styles: ['swagger-ui.css'],
      scripts: ['swagger-ui-bundle.js', 'swagger.js'],
      main: '<main id="swagger-ui"></main>',
    },
    asset,
  )

const redocPage = (asset: AssetUrl) =>
  docsPage(
    {
      here: '/redoc',
      locale: 'en',
      title: 'Invitree API: read it',
      scripts: ['redoc.standalone.js', 'redoc.js'],
      main: '<main id="redoc"></main>',
    },
    asset,
  )
