import { STATUS_CODES } from 'node:http'
import { type ErrorCode, errorText, KINDS } from '../errors.ts'
import type { Locale } from '../words/catalogue.ts'
import { docsWords } from '../words/docs.ts'
import { wordsIn } from '../words/words-in.ts'
import type { AssetUrl } from './docs-assets.ts'
import { docsPage, escapeHtml } from './docs-page.ts'
import { STATUS } from './errors.ts'

/** The page that a problem's `type` leads to: every code of the catalogue, by status. */
export function errorsPage(locale: Locale, asset: AssetUrl): string {
  const say = wordsIn(docsWords, locale)
  const other = locale === 'en' ? 'ru' : 'en'
  const codes = Object.keys(KINDS) as ErrorCode[]
  const byStatus = Map.groupBy(codes, (code) => STATUS[KINDS[code]])
  const groups = [...byStatus].toSorted(([one], [another]) => one - another)
  const statuses = groups.map(([status]) => `<a href="#status-${status}">${status}</a>`)
  return docsPage(
    {
      here: '/docs/errors',
      locale,
      title: `Invitree API: ${say('errorCodes')}`,
      aside: `<a class="other" href="/docs/errors?lang=${other}" hreflang="${other}" lang="${other}">${say('otherLanguage')}</a>`,
      main: `<main class="errors">
<h1>${say('errorCodes')}</h1>
<p>${say('errorsIntro')}</p>
<nav class="statuses" aria-label="${say('statuses')}">${statuses.join('')}</nav>
${groups.map(([status, some]) => group(status, some, locale)).join('\n')}
</main>`,
    },
    asset,
  )
}

const group = (status: number, codes: ErrorCode[], locale: Locale) => `<section>
<h2 id="status-${status}">${status} <span lang="en">${STATUS_CODES[status]}</span></h2>
${codes.map((code) => entry(status, code, locale)).join('\n')}
</section>`

function entry(status: number, code: ErrorCode, locale: Locale): string {
  const { title, detail } = errorText(code, locale)
  return `<article id="${code}">
<h3><a href="#${code}"><code>${code}</code></a> <span class="status">${status}</span></h3>
<p><strong>${escapeHtml(title)}</strong></p>
<p>${withPlaces(detail)}</p>
</article>`
}

// The detail's {name} places are filled in when the error happens.
const withPlaces = (detail: string) => escapeHtml(detail).replaceAll(/\{(\w+)\}/g, '<var>$1</var>')
