import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Route } from 'playwright-core'
import { expect } from 'vitest'
import { type Account, PASSWORD, startApp, type TestApp } from '../support/app.ts'
import { listenForComplaints, startBrowser } from '../support/browser.ts'
import { whenDone } from '../support/cleanup.ts'
import { listen } from '../support/listen.ts'
import { PATIENCE_MS } from '../support/wait.ts'

export type Theme = 'light' | 'dark'
export type Locale = 'en' | 'ru'

export interface Look {
  theme: Theme
  viewport: { width: number; height: number }
}

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 900 }

export interface Portal {
  it: TestApp
  address: string
  browser: Browser
}

export interface Visit extends Partial<Look> {
  locale?: Locale
  /** Signed in as this account, by the cookie that signing in sets. */
  as?: Account
  /** What the browser may complain of: parts of the messages, in order. */
  expected?: string[]
  options?: BrowserContextOptions
}

/** The service as it is served, with its jobs, and a browser; both end with the test file. */
export async function startPortal(env: Record<string, string> = {}): Promise<Portal> {
  const it = await startApp(env, { worker: true })
  const address = await listen(it)
  const browser = await startBrowser()
  whenDone(() => browser.close())
  return { it, address, browser }
}

/**
 * Opens a page and looks at it. The browser may complain of nothing but what is expected: no error in the
 * console or a script, no violated policy, no request to another host.
 */
export async function visit(
  portal: Portal,
  path: string,
  look: (page: Page) => Promise<unknown>,
  given: Visit = {},
): Promise<void> {
  const place = await openPlace(portal, given)
  try {
    await lookAt(portal, { place, path, expected: given.expected }, look)
  } finally {
    await place.context.close()
  }
}

/** A browser of one person, and what it complains of. */
export interface Place {
  context: BrowserContext
  complaints: string[]
}

/** A browser with nothing in it yet, signed in where somebody is given. */
export async function openPlace(
  portal: Portal,
  { as, theme = 'light', locale = 'en', viewport = PHONE, options }: Visit,
): Promise<Place> {
  const context = await portal.browser.newContext({
    colorScheme: theme,
    locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport,
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const complaints = listenForComplaints(context, portal.address)
  if (as) {
    await speak(portal, as, locale)
    await signIn(portal, context, as)
  }
  return { context, complaints }
}

interface Opened {
  place: Place
  path: string
  expected?: string[] | undefined
  /** The theme and the size that the page begins in, where they are not those of the browser. */
  worn?: Look
}

/** As `visit`, in a browser that is open already and keeps what it has loaded. */
export async function lookAt(
  portal: Portal,
  { place, path, expected = [], worn }: Opened,
  look: (page: Page) => Promise<unknown>,
): Promise<void> {
  const { context, complaints } = place
  complaints.length = 0
  const page = await context.newPage()
  try {
    if (worn) await wear(page, worn)
    await page.goto(portal.address + path)
    await look(page)
    expect(complaints).toEqual(expected.map((words) => expect.stringContaining(words)))
  } catch (error) {
    // What the browser complained of is most often why the page is not what it should be.
    if (error instanceof Error) error.message += `\nThe browser said: ${complaints.join('\n')}`
    throw error
  } finally {
    await page.close()
  }
}

/** Puts the page into a theme and a size. */
export async function wear(page: Page, { theme, viewport }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: theme })
  await page.setViewportSize(viewport)
}

/** Opens the page again with other answers, when nothing of before is under way any more. */
export async function reopen(
  page: Page,
  asked: string | RegExp,
  answer: (route: Route) => unknown,
): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.route(asked, answer)
  await page.reload()
}

/** Waits until the page has done what it does after it is shown: only then it hears keys. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(`new Promise((done) => requestAnimationFrame(() =>
    requestAnimationFrame(() => requestIdleCallback(done))))`)
}

/** The page speaks the language of whoever is signed in. */
export async function speak({ it }: Portal, { id }: Account, locale: Locale): Promise<void> {
  await it.ctx.db.updateTable('users').set({ locale }).where('id', '=', id).execute()
}

async function signIn(portal: Portal, context: BrowserContext, { email }: Account): Promise<void> {
  const answer = await context.request.post(`${portal.address}/api/v1/auth/session`, {
    data: { email, password: PASSWORD },
    headers: { origin: portal.address },
  })
  expect(answer.status(), await answer.text()).toBe(200)
  // The empty page before the first has no storage.
  const hint = "if (origin !== 'null') localStorage.setItem('invitree.signed-in', '1')"
  await context.addInitScript(hint)
}

/** Waits for the screen's heading; what loads has come then, unless `settled` says what else to wait for. */
export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

const axeSource = await readFile(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

/** What axe finds on the page as it is, WCAG 2.2 AA and best practice, in words short enough to read. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which no policy of the page concerns.
  await page.evaluate(axeSource)
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ' ' + failureSummary)))`)
}

/** Elements whose text is cut off, and the page itself where it scrolls sideways. */
export async function findClipped(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const found = []
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) found.push('the page scrolls sideways: ' + scrollWidth)
    for (const one of document.querySelectorAll('h1,h2,h3,p,a,button,label,td,th,li,span,legend,dt,dd')) {
      const style = getComputedStyle(one)
      const hides = style.overflowX === 'hidden' || style.overflowX === 'clip'
      const small = one.clientWidth < 2 || one.closest('[data-may-clip]')
      if (hides && !small && one.scrollWidth > one.clientWidth + 1) {
        found.push('clipped: ' + one.tagName + ' ' + one.textContent.slice(0, 60))
      }
    }
    return found
  })()`)
}
