import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccount, get, PASSWORD, post, startApp } from '../../test/support/app.ts'
import { hasBrowser, listenForComplaints, startBrowser } from '../../test/support/browser.ts'
import { listen } from '../../test/support/listen.ts'
import { tokenIn, waitForMail } from '../../test/support/mail.ts'

const it = await startApp({ DOCS_ENABLED: 'false' }, { worker: true })
const address = await listen(it)
const PAGES = ['/verify', '/reset', '/forgot']
const STRONG = 'a new and better phrase'
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

describe('the pages that mails lead to', () => {
  test.each(PAGES)('%s is a page that nobody keeps, and all it links to answers', async (path) => {
    for (const url of [path, `${path}/`]) {
      const page = await it.app.inject(url)
      expect(page.statusCode).toBe(200)
      expect(page.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
    }
    const { body } = await it.app.inject(path)
    for (const [, link] of body.matchAll(/(?:href|src)="([^"]+)"/g)) {
      expect((await it.app.inject(link!)).statusCode, link).toBe(200)
    }
    expect((await it.app.inject({ method: 'POST', url: path })).statusCode).toBe(405)
  })

  test.each(PAGES)('%s speaks the language that is asked for', async (path) => {
    const headers = { 'accept-language': 'ru' }
    const russian = await it.app.inject({ url: path, headers })
    expect(russian.headers).toMatchObject({ 'content-language': 'ru', vary: 'accept-language' })
    expect(russian.body).toContain('<html lang="ru">')
    const english = await it.app.inject({ url: `${path}?lang=en`, headers })
    expect(english.body).toContain('<html lang="en">')
  })
})

describe.skipIf(!hasBrowser)('in a browser (skipped where there is no chromium)', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  test('opening the mailed link spends nothing; pressing the button confirms, once', async () => {
    const bob = await createAccount(it)
    const link = await mailedLink(bob.email, 'Confirm')
    const verified = async () => (await get(it, '/api/v1/users/me', bob)).json().email_verified
    await visit(link, async (page) => {
      await page.getByRole('button', { name: 'Confirm the address' }).waitFor()
      expect(page.url()).toBe(`${address}/verify?lang=en`)
      expect(await verified()).toBe(false)
    })
    await visit(link, async (page) => {
      await page.getByRole('button', { name: 'Confirm the address' }).dblclick()
      await heading(page, 'The address is confirmed')
      expect(await verified()).toBe(true)
    })
    await visit(
      link,
      async (page) => {
        await page.getByRole('button').click()
        await heading(page, 'The link does not work any more')
        await says(page, 'It was used, replaced by a newer one, or is too old: ask for a new one.')
        expect(await page.getByRole('button').count()).toBe(0)
      },
      { expected: ['410'] },
    )
  })

  test('a forgotten password is set by keyboard alone, and signs in', async () => {
    const ann = await createAccount(it)
    await visit('/forgot', async (page) => {
      await page.getByLabel('E-mail address').focus()
      await page.keyboard.type(ann.email)
      await page.keyboard.press('Enter')
      await heading(page, 'Look into your mailbox')
      await says(page, /^If there is an account with this address, a mail with a link is under way/)
    })
    const link = await mailedLink(ann.email, 'Set a new password')
    await visit(link, async (page) => {
      expect(page.url()).toBe(`${address}/reset?lang=en`)
      await page.getByLabel('New password').focus()
      await page.keyboard.type(STRONG)
      await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      expect(await page.getByLabel('New password').getAttribute('type')).toBe('text')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await heading(page, 'The password is set')
    })
    const login = (password: string) =>
      post(it, '/api/v1/auth/login', { email: ann.email, password })
    expect((await login(PASSWORD)).statusCode).toBe(401)
    expect((await login(STRONG)).statusCode).toBe(200)

    await visit(
      link,
      async (page) => {
        await page.getByLabel('New password').fill(STRONG)
        await page.getByRole('button').click()
        await says(page, /^It was used/)
        await page.getByRole('link', { name: 'Ask for a new link' }).click()
        await page.getByLabel('E-mail address').waitFor()
      },
      { expected: ['410'] },
    )
  })

  test('a password or address that is refused can be mended, in the language of the page', async () => {
    const ann = await createAccount(it)
    await post(it, '/api/v1/auth/reset-password', { email: ann.email })
    const link = await mailedLink(ann.email, 'Set a new password')
    await visit(
      link,
      async (page) => {
        // The token comes along to the other language.
        await page.getByRole('link', { name: 'По-русски' }).click()
        const field = page.getByLabel('Новый пароль')
        const button = page.getByRole('button', { name: 'Задать пароль' })
        for (const [password, words] of [
          ['short', 'Не меньше 8 символов.'],
          ['password', /^Выберите не частый пароль/],
        ] as const) {
          await field.fill(password)
          await button.click()
          await says(page, words)
          expect(await field.getAttribute('aria-invalid')).toBe('true')
          expect(await field.evaluate((one) => one.matches(':focus'))).toBe(true)
        }
        await field.fill('🔑'.repeat(4) + 'ключ от дома')
        await button.click()
        await heading(page, 'Пароль задан')
      },
      { expected: ['422', '422'] },
    )
    await visit(
      '/forgot?lang=ru',
      async (page) => {
        await page.getByRole('button').click()
        await says(page, 'Укажите адрес почты, например ann@example.com.')
      },
      { expected: ['422'] },
    )
  })

  test.each(['/verify', '/reset', '/reset#token='])(
    '%s without a token says to open the mail again, and a link pasted then works',
    async (path) => {
      await visit(path, async (page) => {
        await heading(page, 'The link is not complete')
        await says(page, /open the link in the mail again/)
        expect(await page.getByRole('button').count()).toBe(0)
        await page.evaluate("location.hash = 'token=x'")
        await page.getByRole('button').waitFor()
      })
    },
  )

  test('a service that is away is told, and the page can be used again', async () => {
    expect.hasAssertions()
    await visit(
      '/forgot',
      async (page) => {
        await page.getByLabel('E-mail address').fill('ann@example.com')
        await page.context().setOffline(true)
        await page.getByRole('button').click()
        await says(page, /^The service cannot be reached/)
        await page.context().setOffline(false)
        await page.getByRole('button').click()
        await heading(page, 'Look into your mailbox')
      },
      { expected: ['ERR_INTERNET_DISCONNECTED'] },
    )
  })

  test.each(['/verify#token=x', '/reset#token=x', '/forgot'])(
    '%s fits a telephone, by day and by night',
    async (path) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const options = { viewport: { width: 390, height: 844 }, colorScheme }
        const look = async (page: Page) => {
          await page.getByRole('button').waitFor()
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
        }
        await visit(path, look, options)
      }
    },
  )

  /** Opens a page; the browser must complain of nothing but what is expected. */
  async function visit(
    path: string,
    look: (page: Page) => Promise<unknown>,
    { expected = [], ...options }: BrowserContextOptions & { expected?: string[] } = {},
  ): Promise<void> {
    const context = await browser.newContext({ locale: 'en-GB', ...options })
    const complaints = listenForComplaints(context, address)
    const page = await context.newPage()
    page.setDefaultTimeout(8000)
    await page.goto(address + path, { waitUntil: 'networkidle' })
    await look(page)
    await context.close()
    expect(complaints).toEqual(expected.map((words) => expect.stringContaining(words)))
  }
})

async function mailedLink(to: string, subject: string): Promise<string> {
  const text = await waitForMail(it, to, subject)
  expect(tokenIn(text)).not.toBe('')
  return new RegExp(`${it.ctx.config.PUBLIC_URL}(\\S+)`).exec(text)?.[1] ?? ''
}

/** Waits until the page has this heading, and the focus is on it. */
async function heading(page: Page, name: string): Promise<void> {
  const found = page.getByRole('heading', { name })
  await found.waitFor()
  expect(await found.evaluate((one) => one.matches(':focus'))).toBe(true)
  expect(await page.title()).toBe(`${name} · Invitree`)
}

/** Waits until the live region says this. */
async function says(page: Page, words: string | RegExp): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).waitFor()
}
