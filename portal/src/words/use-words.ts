import { useMemo } from 'react'
import { useLocale } from '../language.ts'
import { type Catalogue, type Say, type Texts, wordsIn } from './catalogue.ts'

/** The words in the language of the page. */
export function useWords<English extends Texts>(words: Catalogue<English>): Say<English> {
  const locale = useLocale()
  return useMemo(() => wordsIn(words, locale), [words, locale])
}
