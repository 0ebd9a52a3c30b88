import { useMemo } from 'react'
import type { Catalogue, Texts } from '../../src/words/catalogue.ts'
import { type Say, wordsIn } from '../../src/words/words-in.ts'
import { useLocale } from './language.ts'

/** The words in the language of the page. */
export function useWords<English extends Texts>(words: Catalogue<English>): Say<English> {
  const locale = useLocale()
  return useMemo(() => wordsIn(words, locale), [words, locale])
}
