import { join } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import type { Context } from '../context.ts'
import type { Locale } from '../errors.ts'
import { type AssetUrl, COMMON_FILES, serveAssets } from '../http/docs-assets.ts'
import { localeOf } from '../http/errors.ts'
import { COMMON_WORDS, type PageName, PAGE_WORDS } from './page-words.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
const OWN = join(import.meta.dirname, 'pages')
const NAMES: PageName[] = ['verify', 'reset', 'forgot']

const API: Record<PageName, string> = {
  verify: '/api/v1/auth/verify-email',
  reset: '/api/v1/auth/reset-password/confirm',
  forgot: '/api/v1/auth/reset-password',
}

/** The pages that mailed links lead to. Opening one spends nothing: scanners of mail open links too. */
export const accountPages: FastifyPluginAsync<{ ctx: Context }> = async (app, { ctx }) => {
  const assets = serveAssets(app, {
    path: '/pages',
    files: [...COMMON_FILES, join(OWN, 'page.css'), join(OWN, 'page.js')],
  })
  for (const name of NAMES) {
    app.get<{ Querystring: { lang?: unknown } }>(
      `/${name}`,
      { schema: { hide: true } },
      async (request, reply) => {
        const { lang } = request.query
        const locale = lang === 'en' || lang === 'ru' ? lang : localeOf(request, ctx)
        void reply.type('text/html; charset=utf-8').headers({
          'content-security-policy': POLICY,
          'cache-control': 'no-store',
          'content-language': locale,
          vary: 'accept-language',
        })
        return accountPage(name, locale, await assets())
      },
    )
  }
}

function accountPage(name: PageName, locale: Locale, asset: AssetUrl): string {
  const words = PAGE_WORDS[name][locale]
  const common = COMMON_WORDS[locale]
  const other = locale === 'en' ? 'ru' : 'en'
  const needsToken = name === 'forgot' ? '' : ' data-needs-token="yes"'
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${words.title} · Invitree</title>
<link rel="icon" href="${asset('icon.svg')}">
<link rel="stylesheet" href="${asset('docs.css')}">
<link rel="stylesheet" href="${asset('page.css')}">
<script type="module" src="${asset('page.js')}"></script>
</head>
<body>
<header class="bar">
<span class="brand">Invitree</span>
<a class="other" href="/${name}?lang=${other}" hreflang="${other}" lang="${other}">${common.other}</a>
</header>
<main${needsToken} data-unreachable="${common.unreachable}"
 data-incomplete-title="${common.incompleteTitle}" data-incomplete="${common.incomplete}"
 data-done-title="${words.doneTitle}" data-done="${words.done}">
<h1 tabindex="-1">${words.title}</h1>
<p class="intro">${words.intro}</p>
<noscript><p>${common.noScript}</p></noscript>
<p id="result" role="status" tabindex="-1"></p>
<form hidden novalidate method="post" data-to="${API[name]}">
${FIELDS[name](locale)}<button>${words.button}</button>
</form>
${name === 'reset' ? `<p class="again" hidden><a href="/forgot?lang=${locale}">${common.again}</a></p>\n` : ''}</main>
</body>
</html>
`
}

// The API alone judges what is typed, in the language of the page: a browser would speak its own.
const FIELDS: Record<PageName, (locale: Locale) => string> = {
  verify: () => '',
  reset: (locale) => `<label for="password">${COMMON_WORDS[locale].password}</label>
<input id="password" name="password" type="password" required autocomplete="new-password"
 autocapitalize="none" spellcheck="false" aria-describedby="hint result">
<p class="hint" id="hint">${COMMON_WORDS[locale].passwordHint}</p>
<label><input id="shown" type="checkbox" autocomplete="off">${COMMON_WORDS[locale].show}</label>
`,
  forgot: (locale) => `<label for="email">${COMMON_WORDS[locale].email}</label>
<input id="email" name="email" type="email" required autocomplete="email" aria-describedby="result">
`,
}
