export type Locale = 'en' | 'ru'

/** A text for each of the language's forms of counting; `other` is also the one for fractions. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
export type Text = string | Plural
export type Texts = Record<string, Text>

/** The words of one part of the portal in each language, with `{name}` places. */
export interface Catalogue<English extends Texts = Texts> {
  en: English
  ru: { [Key in keyof English]: English[Key] extends string ? string : Plural }
}

type Places<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never
type PlacesOf<T> = T extends string ? Places<T> : T extends { other: infer O } ? Places<O> : never
type Values<T> = [PlacesOf<T>] extends [never] ? [] : [Record<PlacesOf<T>, string | number>]

/** Looks a text up and fills its places; numbers are written as the language writes them. */
export type Say<English extends Texts> = <Key extends keyof English>(
  key: Key,
  ...values: Values<English[Key]>
) => string

/** Keeps the texts' types, so that a missing text, place or value is found by the compiler. */
export const catalogue = <const English extends Texts>(
  en: English,
  ru: NoInfer<Catalogue<English>['ru']>,
): Catalogue<English> => ({ en, ru })

/** The words in a language. */
export function wordsIn<English extends Texts>(
  words: Catalogue<English>,
  locale: Locale,
): Say<English> {
  const numbers = new Intl.NumberFormat(locale)
  return (key, ...[values]: [Record<string, string | number>?]) => {
    const text: Text = words[locale][key]
    const form = typeof text === 'string' ? text : pluralOf(text, locale, values?.['count'])
    return form.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
      const value = values?.[name] ?? place
      return typeof value === 'number' ? numbers.format(value) : value
    })
  }
}

function pluralOf(text: Plural, locale: Locale, count: string | number | undefined): string {
  return text[new Intl.PluralRules(locale).select(Number(count))] ?? text.other
}
