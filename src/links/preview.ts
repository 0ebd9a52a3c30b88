import type { Locale } from '../errors.ts'
import { escapeHtml } from '../http/docs-page.ts'
import type { Link } from './landing.ts'

const WORDS = {
  en: {
    by: (name: string) => `${name} invited you`,
    somebody: 'You are invited',
    description: (code: string) => `Register with the code ${code}: it takes a minute.`,
    over: 'This invitation does not work any more.',
    go: 'Register',
  },
  ru: {
    by: (name: string) => `${name} приглашает вас`,
    somebody: 'Вас приглашают',
    description: (code: string) => `Зарегистрируйтесь с кодом ${code}: это займёт минуту.`,
    over: 'Это приглашение больше не действует.',
    go: 'Зарегистрироваться',
  },
}

/** What a messenger shows of a share link: a page of few words and no scripts. */
export function previewPage(
  locale: Locale,
  link: Link,
  { url, target }: { url: string; target: string },
): string {
  const words = WORDS[locale]
  const active = 'code' in link && link.state === 'active' ? link : undefined
  const name = active?.referrer_name ?? null
  const title = name === null ? words.somebody : words.by(name)
  const description = active ? words.description(active.code) : words.over
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
<p><a href="${escapeHtml(target)}">${words.go}</a></p>
</body>
</html>
`
}
