import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Context } from '../context.ts'
import { signedIn } from '../http/auth.ts'
import { localeOf } from '../http/errors.ts'
import { recordClicks } from './clicks.ts'
import { type FindLink, landingOf, lookUp } from './landing.ts'
import { previewPage } from './preview.ts'
import * as schemas from './schemas.ts'
import { explain } from './service.ts'
import { rememberTouch } from './visitor.ts'
import { visitOf } from './visits.ts'

/** The share link: counts the click, remembers it in the browser, leads to the registration page. */
export const linkRoutes: FastifyPluginAsyncTypebox<{ ctx: Context; findLink: FindLink }> = async (
  app,
  { ctx, findLink },
) => {
  const click = recordClicks(app, ctx)

  app.get('/r/:code', schemas.followLink, async (request, reply) => {
    const { code: text } = request.params
    const visit = visitOf(request.method, request.headers)
    const link = await lookUp(ctx, findLink, { request, reply }, text)
    const target = landingOf(ctx.config, text, link)
    const counted = click(visit, link, request)
    void reply.headers({ 'cache-control': 'no-store, private', 'x-robots-tag': 'noindex' })
    if (visit === 'preview') {
      const locale = localeOf(request, ctx)
      const url = `${ctx.config.PUBLIC_URL}/r/${encodeURIComponent(text)}`
      void reply.headers({ 'content-language': locale, vary: 'accept-language' })
      return reply.type('text/html; charset=utf-8').send(previewPage(locale, link, { url, target }))
    }
    if (counted) rememberTouch(ctx, { request, reply }, counted.code)
    // What is fetched ahead would be shown later without asking again, and that visit would be missed.
    return visit === 'ahead' ? reply.code(503).send() : reply.redirect(target, 303)
  })
}

/** Why a referrer was credited. */
export const explanationRoutes: FastifyPluginAsyncTypebox<{ ctx: Context }> = async (
  app,
  { ctx },
) => {
  app.get('/referrals/:id/explanation', schemas.explainReferral, async (request) =>
    explain(ctx, signedIn(request), request.params.id),
  )
}
