import { escapeHtml } from '../http/docs-page.ts'
import type { Locale } from '../words/catalogue.ts'
import { publicWords } from '../words/public.ts'
import { wordsIn } from '../words/words-in.ts'
import type { Link } from './landing.ts'

/** What a messenger shows of a share link: a page of few words and no scripts. */
export function previewPage(
  locale: Locale,
  link: Link,
  { url, target }: { url: string; target: string },
): string {
  const say = wordsIn(publicWords, locale)
  const active = 'code' in link && link.state === 'active' ? link : undefined
  const name = active?.referrer_name ?? null
  const title = name === null ? say('invited') : say('invitedBy', { name })
  const description = active ? say('signUpWith', { code: active.code }) : say('invitationOver')
  const shown = { title, description, url, type: 'website', site_name: 'Invitree' }
  const metas = Object.entries(shown).map(
    ([property, content]) => `<meta property="og:${property}" content="${escapeHtml(content)}">`,
  )
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(description)}">
<meta name="robots" content="noindex">
<meta name="twitter:card" content="summary">
${metas.join('\n')}
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(description)}</p>
<p><a href="${escapeHtml(target)}">${say('signUp')}</a></p>
</body>
</html>
`
}
