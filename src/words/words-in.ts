import { lazy } from '../lib/lazy.ts'
import type { Catalogue, Locale, Plural, Text, Texts } from './catalogue.ts'
import { commonWords } from './common.ts'

type Places<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never
type PlacesOf<T> = T extends string ? Places<T> : T extends { other: infer O } ? Places<O> : never
type Values<T> = [PlacesOf<T>] extends [never] ? [] : [Record<PlacesOf<T>, string | number>]
type Common = (typeof commonWords)['en']

/** Looks a text of a part up, or one that is common, and fills its places. */
export type Say<English extends Texts> = <Key extends keyof English | keyof Common>(
  key: Key,
  ...values: Values<(English & Common)[Key]>
) => string

/** The words of a part in a language, with the common ones; numbers are written as the language writes them. */
export function wordsIn<English extends Texts>(
  words: Catalogue<English>,
  locale: Locale,
): Say<English> {
  const own: Texts = words[locale]
  const common: Texts = commonWords[locale]
  return (key, ...[values]: [Record<string, string | number>?]) => {
    const name = String(key)
    const text: Text = own[name] ?? common[name]!
    const form = typeof text === 'string' ? text : pluralOf(text, locale, values?.['count'])
    return fill(form, locale, values)
  }
}

/** A text with its `{name}` places filled in. */
export function fill(text: string, locale: Locale, values: Record<string, unknown> = {}): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name] ?? place
    return typeof value === 'number' ? numbers[locale]().format(value) : (value as string)
  })
}

function pluralOf(text: Plural, locale: Locale, count: string | number | undefined): string {
  return text[rules[locale]().select(Number(count))] ?? text.other
}

// To make one takes longer than to fill in many texts.
const numbers = {
  en: lazy(() => new Intl.NumberFormat('en')),
  ru: lazy(() => new Intl.NumberFormat('ru')),
}
const rules = {
  en: lazy(() => new Intl.PluralRules('en')),
  ru: lazy(() => new Intl.PluralRules('ru')),
}
