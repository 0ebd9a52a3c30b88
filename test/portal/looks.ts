import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { Account } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import {
  DESKTOP,
  findBarriers,
  findClipped,
  heading,
  type Locale,
  type Look,
  lookAt,
  openPlace,
  PHONE,
  type Place,
  type Portal,
  speak,
  startPortal,
  wear,
} from './harness.ts'

/** A screen in one of its states, as the checks of every theme, language and size look at it. */
export interface ScreenState {
  /** What it is, for the name of the test and of the picture. */
  name: string
  path: string | ((portal: Portal) => Promise<string>)
  /** Who looks; nobody where it is left out. */
  as?: (portal: Portal) => Promise<Account>
  /** Brings the screen into the state, and waits until it is there. */
  ready: (page: Page, locale: Locale) => Promise<unknown>
  /** What the browser may complain of, as in `visit`. */
  expected?: string[]
}

/** Ready once the heading is there. */
export const titled = (en: string, ru: string) => (page: Page, locale: Locale) =>
  heading(page, locale === 'en' ? en : ru)

const SIZES = [PHONE, DESKTOP]
const EVERY_LOOK = (['light', 'dark'] as const).flatMap((theme) =>
  SIZES.map((viewport) => ({ theme, viewport })),
)
const [LIGHT_PHONE, LIGHT_DESK, DARK_PHONE, DARK_DESK] = EVERY_LOOK as [Look, Look, Look, Look]

// Each language once a state: all themes, languages and sizes meet within four states. With LOOKS=all in each.
const IN_TURN: Record<Locale, Look>[] = [
  { en: LIGHT_PHONE, ru: DARK_DESK },
  { en: DARK_DESK, ru: LIGHT_PHONE },
  { en: LIGHT_DESK, ru: DARK_PHONE },
  { en: DARK_PHONE, ru: LIGHT_DESK },
]

/** Looks at each state in every theme, language and size: no barrier that axe knows, nothing cut off. */
export function checkLooks(screens: ScreenState[], env: Record<string, string> = {}): void {
  describe.skipIf(!hasBrowser)('in both themes and languages, on a phone and a desk', async () => {
    const portal = hasBrowser ? await startPortal(env) : undefined!
    const places = new Map<string, Promise<Place>>()

    // Each person has one browser in each language, which keeps what it has loaded.
    async function placeOf(as: Account | undefined, locale: Locale): Promise<Place> {
      if (as) await speak(portal, as, locale)
      const key = `${as?.id}-${locale}`
      const options = { reducedMotion: 'reduce' as const }
      const place = places.get(key) ?? openPlace(portal, { locale, options, ...(as && { as }) })
      places.set(key, place)
      return place
    }

    const numbered = screens.map((screen, number) => ({ ...screen, number }))
    test.each(numbered)('$name', async (screen) => {
      const as = await screen.as?.(portal)
      const path = typeof screen.path === 'string' ? screen.path : await screen.path(portal)
      for (const locale of ['en', 'ru'] as const) {
        const looks = looksOf(screen.number, locale)
        const inspect = async (page: Page) => {
          await screen.ready(page, locale)
          const found: string[] = []
          for (const look of looks)
            found.push(...(await inspectLook(page, screen.name, locale, look)))
          expect(found).toEqual([])
        }
        const place = await placeOf(as, locale)
        const opened = { place, path, expected: screen.expected, worn: looks[0]! }
        await lookAt(portal, opened, inspect)
      }
    })
  })
}

function looksOf(number: number, locale: Locale): Look[] {
  const turn = IN_TURN[number % IN_TURN.length]!
  return process.env['LOOKS'] === 'all' ? EVERY_LOOK : [turn[locale]]
}

async function dress(page: Page, look: Look): Promise<void> {
  await wear(page, look)
  const { theme } = look
  await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' })
}

async function inspectLook(page: Page, name: string, locale: Locale, look: Look) {
  await dress(page, look)
  const where = `${name}-${look.theme}-${locale}-${look.viewport.width}`
  await picture(page, where)
  const found = [...(await findBarriers(page)), ...(await findClipped(page))]
  return found.map((one) => `${where}: ${one}`)
}

/** With SCREENSHOTS set to a folder every look is kept there, for people to look at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
