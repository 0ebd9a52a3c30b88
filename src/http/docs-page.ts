import type { Locale } from '../words/catalogue.ts'
import { docsWords } from '../words/docs.ts'
import { wordsIn } from '../words/words-in.ts'
import type { AssetUrl } from './docs-assets.ts'

type Here = '/docs' | '/redoc' | '/docs/errors'

interface Page {
  here: Here
  locale: Locale
  title: string
  /** Names of style sheets and scripts besides the common one. */
  styles?: string[]
  scripts?: string[]
  /** HTML, already escaped. */
  aside?: string
  main: string
}

/** One page of the documentation: the same head on each, and nothing from another host. */
export function docsPage(page: Page, asset: AssetUrl): string {
  const { here, locale, title, styles = [], scripts = [], aside = '', main } = page
  const say = wordsIn(docsWords, locale)
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${asset('icon.svg')}">
${[...styles, 'docs.css'].map((name) => `<link rel="stylesheet" href="${asset(name)}">`).join('\n')}
</head>
<body>
<header class="bar">
<a class="brand" href="/">Invitree</a>
<nav aria-label="${say('documentation')}">${links(here, locale)}</nav>
${aside}
</header>
${main}
${scripts.map((name) => `<script src="${asset(name)}"></script>`).join('\n')}
</body>
</html>
`
}

function links(here: Here, locale: Locale): string {
  const say = wordsIn(docsWords, locale)
  const all = { '/docs': say('tryIt'), '/redoc': say('readIt'), '/docs/errors': say('errors') }
  return Object.entries({ ...all, '/openapi.json': 'openapi.json' })
    .map(([href, text]) => {
      const current = href === here ? ' aria-current="page"' : ''
      return `<a href="${href}"${current}>${text}</a>`
    })
    .join('')
}

/** Text as it may stand in HTML, in an attribute too. */
export const escapeHtml = (text: string) =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
