import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ErrorCode, errorText, KINDS } from '../src/errors.ts'
import { createAccount, inHours, PASSWORD, startApp } from './support/app.ts'
import { hasBrowser, listenForComplaints, startBrowser } from './support/browser.ts'
import { listen } from './support/listen.ts'
import { PATIENCE_MS } from './support/wait.ts'

const it = await startApp()
const address = await listen(it)
const PAGES = ['/docs', '/redoc', '/docs/errors']

describe('the pages', () => {
  test.each(PAGES)(
    '%s is a page with a policy of its own, with and without a slash',
    async (path) => {
      for (const url of [path, `${path}/`]) {
        const page = await it.app.inject(url)
        expect(page.statusCode).toBe(200)
        expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
        expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'; /)
        expect(page.headers['content-security-policy']).not.toContain('unsafe-eval')
      }
    },
  )

  test.each(PAGES)('%s links to the others, and every address on it answers', async (path) => {
    const { body } = await it.app.inject(path)
    const links = [...body.matchAll(/(?:href|src)="([^"#]+)[^"]*"/g)].map(([, link]) => link!)
    expect(links).toEqual(expect.arrayContaining([...PAGES, '/openapi.json']))
    for (const link of links) {
      const { statusCode } = await it.app.inject(link.replaceAll('&#38;', '&'))
      expect(statusCode, link).toBe(200)
    }
  })

  test('inline styles are allowed on /redoc alone, and scripts of others nowhere', async () => {
    for (const path of PAGES) {
      const policy = String((await it.app.inject(path)).headers['content-security-policy'])
      expect(policy.includes("'unsafe-inline'"), path).toBe(path === '/redoc')
      expect(policy).not.toMatch(/https?:/)
    }
  })

  test('assets are packed where the client unpacks, and may be kept for ever', async () => {
    const url = '/docs/assets/docs.css'
    const plain = await it.app.inject(url)
    const packed = await it.app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
    expect(plain.headers['cache-control']).toContain('immutable')
    expect(plain.body).toContain('color-scheme')
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length)
    expect((await it.app.inject('/docs/assets/package.json')).json().code).toBe('not_found')
  })

  test('DOCS_ENABLED=false hides them all', async () => {
    const hidden = await startApp({ DOCS_ENABLED: 'false' })
    for (const path of [...PAGES, '/openapi.json', '/swagger', '/docs/assets/docs.css']) {
      const answer = await hidden.app.inject(path)
      expect(answer.statusCode, path).toBe(404)
      expect(answer.json().code, path).toBe('not_found')
    }
  })
})

describe('/docs/errors', () => {
  test.each(['en', 'ru'] as const)('lists every code in %s', async (locale) => {
    const headers = { 'accept-language': locale }
    const { body, headers: answered } = await it.app.inject({ url: '/docs/errors', headers })
    expect(answered).toMatchObject({ 'content-language': locale, vary: 'accept-language' })
    expect(body).toContain(`<html lang="${locale}">`)
    for (const code of Object.keys(KINDS) as ErrorCode[]) {
      expect(body).toContain(`<article id="${code}">`)
      expect(body).toContain(errorText(code, locale).title)
    }
  })

  test('?lang= wins over what the browser asks for', async () => {
    const headers = { 'accept-language': 'en' }
    const { body } = await it.app.inject({ url: '/docs/errors?lang=ru', headers })
    expect(body).toContain('Коды ошибок')
    expect(body).toContain('href="/docs/errors?lang=en"')
    const odd = await it.app.inject({ url: '/docs/errors?lang=de&lang=ru', headers })
    expect(odd.body).toContain('Error codes')
  })
})

describe.skipIf(!hasBrowser)(
  'in a browser (skipped where there is no chromium on the PATH)',
  () => {
    let browser: Browser

    beforeAll(async () => {
      browser = await startBrowser()
    })
    afterAll(() => browser.close())

    test('Authorize signs in, and "Try it out" creates a code', async () => {
      const { email, id } = await createAccount(it)
      await visit('/docs', async (page) => {
        await page.getByRole('button', { name: 'Authorize' }).click()
        await page.getByLabel('username:').fill(email)
        await page.getByLabel('password:').fill(PASSWORD)
        expect(await page.getByText('client_secret').isVisible()).toBe(false)
        await page.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
        await page.getByRole('button', { name: 'Remove authorization' }).waitFor()
        await page.getByRole('button', { name: 'Close' }).first().click()
        await page.locator('.scheme-container').evaluate((part) => part.scrollIntoView())
        await picture(page, 'docs')

        const operation = page.locator('#operations-Codes-createCode')
        await operation
          .getByRole('button', { name: /post.*referrals.*code/i })
          .first()
          .click()
        await operation.getByRole('button', { name: 'Try it out' }).click()
        await operation.locator('textarea').fill(JSON.stringify({ expires_at: inHours(24) }))
        await operation.getByRole('button', { name: 'Execute' }).click()
        const answer = operation.locator('.live-responses-table')
        await answer.waitFor()
        expect(await answer.locator('.response-col_status').last().textContent()).toContain('201')
        expect(await answer.textContent()).toContain(id)
      })
    })

    test('/swagger, a path of an original service, shows the same', async () => {
      await visit('/swagger', async (page) => {
        const operation = page.locator('#operations-Codes-listCodes')
        await operation.waitFor()
        expect(await operation.textContent()).toContain('My codes')
      })
    })

    test('/redoc shows the operations and finds one', async () => {
      await visit('/redoc#tag/Codes/operation/createCode', async (page) => {
        await page.getByRole('heading', { name: 'Create a code' }).waitFor()
        await picture(page, 'redoc')
        await page.getByPlaceholder('Search...').fill('summary')
        const found = page.getByRole('search').getByText('Figures of a user')
        await found.waitFor()
        expect(await found.isVisible()).toBe(true)
      })
    })

    test('/docs/errors shows the code that a problem leads to', async () => {
      await visit('/docs/errors', (page) => picture(page, 'errors'))
      await visit('/docs/errors#code_taken', async (page) => {
        expect(await page.locator('article:target h3').textContent()).toContain('code_taken')
      })
    })

    test.each([
      ['/docs#/Codes/createCode', 'At most one active code'],
      ['/redoc#tag/Codes/operation/createCode', 'At most one active code'],
      ['/docs/errors?lang=ru', 'Коды ошибок'],
    ])('%s fits a telephone, by day and by night', async (path, shown) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = async (page: Page) => {
          await page.getByText(shown).first().waitFor()
          const width = await page.evaluate('document.documentElement.scrollWidth')
          expect(width).toBeLessThanOrEqual(390)
        }
        await visit(path, look, { viewport: { width: 390, height: 844 }, colorScheme })
      }
    })

    /** Opens a page; fails on a request to another host, a violated policy or an error in the console. */
    async function visit(
      path: string,
      look: (page: Page) => Promise<unknown>,
      options: Parameters<Browser['newContext']>[0] = { viewport: { width: 1280, height: 800 } },
    ) {
      const context = await browser.newContext(options)
      const complaints = listenForComplaints(context, address)
      const page = await context.newPage()
      page.setDefaultTimeout(PATIENCE_MS)
      const answer = await page.goto(address + path, { waitUntil: 'networkidle' })
      expect(answer?.status()).toBe(200)
      await look(page)
      await context.close()
      expect(complaints).toEqual([])
    }
  },
)

/** With UPDATE_SCREENSHOTS the pictures of the README are taken again. */
async function picture(page: Page, name: string): Promise<void> {
  if (!process.env['UPDATE_SCREENSHOTS']) return
  const folder = join(import.meta.dirname, '../docs/images')
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
