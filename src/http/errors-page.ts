import { STATUS_CODES } from 'node:http'
import { CATALOGUE } from '../error-catalogue.ts'
import type { ErrorCode, Locale } from '../errors.ts'
import type { AssetUrl } from './docs-assets.ts'
import { docsPage, escapeHtml } from './docs-page.ts'
import { STATUS } from './errors.ts'

const WORDS = {
  en: {
    title: 'Error codes',
    intro:
      'Every error is answered as <code>application/problem+json</code> (RFC 9457). Its ' +
      '<code>code</code> is one of these and never changes its meaning: branch on it, not on the ' +
      'words. The token endpoints answer the shape of RFC 6749 with the same <code>code</code>; ' +
      'a 422 is a 400 there.',
    statuses: 'Statuses',
    other: 'По-русски',
  },
  ru: {
    title: 'Коды ошибок',
    intro:
      'Каждая ошибка приходит как <code>application/problem+json</code> (RFC 9457). Её ' +
      '<code>code</code> — один из этих и никогда не меняет смысла: опирайтесь на него, а не на ' +
      'слова. Точки выдачи токенов отвечают по RFC 6749 с тем же <code>code</code>; вместо 422 ' +
      'там 400.',
    statuses: 'Статусы',
    other: 'In English',
  },
}

/** The page that a problem's `type` leads to: every code of the catalogue, by status. */
export function errorsPage(locale: Locale, asset: AssetUrl): string {
  const words = WORDS[locale]
  const other = locale === 'en' ? 'ru' : 'en'
  const codes = Object.keys(CATALOGUE) as ErrorCode[]
  const byStatus = Map.groupBy(codes, (code) => STATUS[CATALOGUE[code].kind])
  const groups = [...byStatus].toSorted(([one], [another]) => one - another)
  const statuses = groups.map(([status]) => `<a href="#status-${status}">${status}</a>`)
  return docsPage(
    {
      here: '/docs/errors',
      locale,
      title: `Invitree API: ${words.title}`,
      aside: `<a class="other" href="/docs/errors?lang=${other}" hreflang="${other}" lang="${other}">${words.other}</a>`,
      main: `<main class="errors">
<h1>${words.title}</h1>
<p>${words.intro}</p>
<nav class="statuses" aria-label="${words.statuses}">${statuses.join('')}</nav>
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
  const [title, detail] = CATALOGUE[code][locale]
  return `<article id="${code}">
<h3><a href="#${code}"><code>${code}</code></a> <span class="status">${status}</span></h3>
<p><strong>${escapeHtml(title)}</strong></p>
<p>${withPlaces(detail)}</p>
</article>`
}

// The detail's {name} places are filled in when the error happens.
const withPlaces = (detail: string) => escapeHtml(detail).replaceAll(/\{(\w+)\}/g, '<var>$1</var>')
