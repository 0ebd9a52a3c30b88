export type Locale = 'en' | 'ru'

/** A text for each of the language's forms of counting; `other` is also the one for fractions. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
export type Text = string | Plural
export type Texts = Record<string, Text>

/** The words of one part of the product in each language, with `{name}` places. */
export interface Catalogue<English extends Texts = Texts> {
  en: English
  ru: { [Key in keyof English]: English[Key] extends string ? string : Plural }
}

/** Keeps the texts' types, so that a missing text, place or value is found by the compiler. */
export const catalogue = <const English extends Texts>(
  en: English,
  ru: NoInfer<Catalogue<English>['ru']>,
): Catalogue<English> => ({ en, ru })
