import {
  createContext,
  createElement,
  type PropsWithChildren,
  use,
  useDeferredValue,
  useSyncExternalStore,
} from 'react'
import type { Locale } from '../../src/words/catalogue.ts'

const KEY = 'invitree.language'
const listeners = new Set<() => void>()
let current: Locale = initialLocale()
document.documentElement.lang = current

/** The language of the page: of the link that led here, chosen before, or the browser's. */
function initialLocale(): Locale {
  const wanted = [
    new URLSearchParams(location.search).get('lang'),
    readItem(KEY),
    ...navigator.languages.map((language) => language.slice(0, 2)),
  ]
  return wanted.find(isLocale) ?? 'en'
}

export function isLocale(value: unknown): value is Locale {
  return value === 'en' || value === 'ru'
}

export const currentLocale = () => current

/** Speaks another language from now on, also at the next visit. */
export function chooseLocale(locale: Locale): void {
  if (locale === current) return
  current = locale
  document.documentElement.lang = locale
  keepItem(KEY, locale)
  for (const listener of listeners) listener()
}

const LocaleContext = createContext<Locale>(current)

/** Has all within speak the chosen language. Another one is drawn beside what the reader does, not before it. */
export function Speaking({ children }: PropsWithChildren) {
  const locale = useDeferredValue(useChosenLocale())
  return createElement(LocaleContext, { value: locale }, children)
}

/** The language that the page is drawn in. */
export const useLocale = (): Locale => use(LocaleContext)

/** The language last chosen, which the page may not speak yet. */
export const useChosenLocale = (): Locale => useSyncExternalStore(subscribe, currentLocale)

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A browser may refuse to keep anything; nothing of ours depends on it. */
export function readItem(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function keepItem(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Private windows of some browsers keep nothing.
  }
}
