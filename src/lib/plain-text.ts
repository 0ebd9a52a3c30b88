// Control, invisible and unassigned characters; line and paragraph separators.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu

/** One line of visible text of at most `max` characters; null when nothing is left. */
export function plainText(text: string | null | undefined, max: number): string | null {
  const plain = (text ?? '').replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim().normalize('NFC')
  return Array.from(plain).slice(0, max).join('').trim() || null
}

/** An https address that names nobody's password, at most `max` long; null for any other text. */
export function httpsUrl(text: string | null | undefined, max: number): string | null {
  const url = URL.parse(text ?? '')
  if (url?.protocol !== 'https:' || url.username || url.password) return null
  return url.href.length <= max ? url.href : null
}
