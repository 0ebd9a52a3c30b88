import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'

// Each of the later ones names the earlier ones too, so that the order decides.
const BROWSERS: [RegExp, string][] = [
  [/YaBrowser/, 'Yandex Browser'],
  [/Edg/, 'Edge'],
  [/OPR|Opera/, 'Opera'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPod/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** What a device is called, by what its browser says of itself; other programs by their own names. */
export function useDeviceName(): (userAgent: string | null) => string {
  const say = useWords(accountWords)
  return (userAgent) => {
    if (!userAgent) return say('unknownDevice')
    const browser = nameIn(BROWSERS, userAgent)
    const system = nameIn(SYSTEMS, userAgent)
    if (browser && system) return say('deviceOn', { browser, system })
    return browser ?? system ?? userAgent.split(' ')[0]!.slice(0, 40)
  }
}

export const isHandheld = (userAgent: string) => /iPhone|iPod|iPad|Android/.test(userAgent)

const nameIn = (names: [RegExp, string][], userAgent: string) =>
  names.find(([pattern]) => pattern.test(userAgent))?.[1]
