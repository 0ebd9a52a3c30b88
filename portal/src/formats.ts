import { useLocale } from './language.ts'
import type { Locale } from '../../src/words/catalogue.ts'

/** Numbers and moments as the language of the page writes them, in the time zone of the reader. */
export function useFormats() {
  const locale = useLocale()
  const formats = made.get(locale) ?? formatsIn(locale)
  made.set(locale, formats)
  return formats
}

// To make them takes longer than to draw what they are for: a list would make hundreds.
const made = new Map<Locale, ReturnType<typeof formatsIn>>()

export function formatsIn(locale: Locale) {
  const number = new Intl.NumberFormat(locale)
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return {
    number: (value: number) => number.format(value),
    /** Of a share between 0 and 1. */
    percent: (share: number) => percent.format(share),
    date: (at: string | Date) => date.format(new Date(at)),
    /** "23 Oct – 3 Dec 2026" */
    dates: (from: string, to: string) => date.formatRange(new Date(from), new Date(to)),
    dateTime: (at: string | Date) => dateTime.format(new Date(at)),
    /** "in 12 days", "5 minutes ago": in the largest unit that fits. */
    relative: (at: string | Date, now = Date.now()) => {
      const seconds = (new Date(at).getTime() - now) / 1000
      const [unit, length] =
        UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1)!
      return relative.format(Math.trunc(seconds / length), unit)
    },
  }
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]
