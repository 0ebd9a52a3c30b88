import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createAccount, get, PASSWORD, post } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { tokenIn, waitForMail } from '../support/mail.ts'
import { heading, startPortal, visit } from './harness.ts'

const STRONG = 'a new and better phrase'

describe.skipIf(!hasBrowser)('the pages that mails lead to', async () => {
  const portal = hasBrowser ? await startPortal({ DOCS_ENABLED: 'false' }) : undefined!
  const { it, address } = portal ?? {}

  async function mailedLink(to: string, subject: string): Promise<string> {
    const text = await waitForMail(it, to, subject)
    expect(tokenIn(text)).not.toBe('')
    return new RegExp(`${it.ctx.config.PUBLIC_URL}(\\S+)`).exec(text)?.[1] ?? ''
  }

  test('opening the mailed link spends nothing; pressing the button confirms, once', async () => {
    const bob = await createAccount(it)
    const link = await mailedLink(bob.email, 'Confirm')
    const verified = async () => (await get(it, '/api/v1/users/me', bob)).json().email_verified
    await visit(portal, link, async (page) => {
      await page.getByRole('button', { name: 'Confirm the address' }).waitFor()
      await expect.poll(() => page.url()).toBe(`${address}/verify?lang=en`)
      expect(await verified()).toBe(false)
    })
    await visit(portal, link, async (page) => {
      await page.getByRole('button', { name: 'Confirm the address' }).dblclick()
      await heading(page, 'The address is confirmed')
      const title = page.getByRole('heading', { level: 1 })
      await expect.poll(() => title.evaluate(isFocused)).toBe(true)
      expect(await verified()).toBe(true)
    })
    const again = async (page: Page) => {
      await page.getByRole('button', { name: 'Confirm the address' }).click()
      await heading(page, 'The link does not work any more')
      await page.getByText('Sign in to get a new link').waitFor()
    }
    await visit(portal, link, again, { expected: ['410'] })
  })

  test('whoever is signed in is sent a new link for an old one', async () => {
    expect.hasAssertions()
    const eve = await createAccount(it)
    await mailedLink(eve.email, 'Confirm')
    const look = async (page: Page) => {
      await page.getByRole('button', { name: 'Confirm the address' }).click()
      await page.getByRole('button', { name: 'Send a new link' }).click()
      await page.getByText('A new link is on its way').waitFor()
    }
    await visit(portal, '/verify#token=tooOld', look, { as: eve, expected: ['410'] })
  })

  test('a forgotten password is set by keyboard alone, and signs in', async () => {
    const ann = await createAccount(it)
    await visit(portal, '/login', async (page) => {
      await page.getByRole('link', { name: 'Forgotten the password?' }).press('Enter')
      await heading(page, 'Forgotten password')
      await page.getByLabel('E-mail address').focus()
      await page.keyboard.type(ann.email)
      await page.keyboard.press('Enter')
      await heading(page, 'Look into your mailbox')
    })
    const link = await mailedLink(ann.email, 'Set a new password')
    await visit(portal, link, async (page) => {
      const field = page.getByRole('textbox', { name: 'New password' })
      await field.waitFor()
      await expect.poll(() => page.url()).toBe(`${address}/reset?lang=en`)
      await field.focus()
      await page.keyboard.type(STRONG)
      await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      await expect.poll(() => field.getAttribute('type')).toBe('text')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await heading(page, 'The password is set')
    })
    const login = (password: string) =>
      post(it, '/api/v1/auth/login', { email: ann.email, password })
    expect((await login(PASSWORD)).statusCode).toBe(401)
    expect((await login(STRONG)).statusCode).toBe(200)

    const again = async (page: Page) => {
      await page.getByRole('textbox', { name: 'New password' }).fill(STRONG)
      await page.getByRole('button', { name: 'Set the password' }).click()
      await heading(page, 'The link does not work any more')
      await page.getByRole('link', { name: 'Ask for a new link' }).click()
      await heading(page, 'Forgotten password')
    }
    await visit(portal, link, again, { expected: ['410'] })
  })

  test('a password that is refused can be mended, in the language chosen on the page', async () => {
    const ann = await createAccount(it)
    await post(it, '/api/v1/auth/reset-password', { email: ann.email })
    const link = await mailedLink(ann.email, 'Set a new password')
    const look = async (page: Page) => {
      await page.getByRole('combobox', { name: 'Language' }).selectOption('ru')
      const field = page.getByRole('textbox', { name: 'Новый пароль' })
      const button = page.getByRole('button', { name: 'Задать пароль' })
      for (const [password, words] of [
        ['short', /^Слишком коротко: длина должна быть не меньше 8\.$/],
        ['password', /^Выберите не частый пароль/],
      ] as const) {
        await field.fill(password)
        await button.click()
        await page.getByText(words).waitFor()
        expect(await field.getAttribute('aria-invalid')).toBe('true')
        await expect.poll(() => field.evaluate(isFocused)).toBe(true)
      }
      await field.fill('🔑'.repeat(4) + 'ключ от дома')
      await button.click()
      await heading(page, 'Пароль задан')
    }
    await visit(portal, link, look, { expected: ['422', '422'] })
  })

  test.each(['/verify', '/reset', '/reset#token=', '/invite'])(
    '%s without a token says to open the mail again, and a link pasted then works',
    async (path) => {
      expect.hasAssertions()
      await visit(portal, path, async (page) => {
        await heading(page, 'The link is not complete')
        await page.evaluate("location.hash = 'token=x'")
        await page.getByRole('button', { name: /Confirm the address|Set the password/ }).waitFor()
        await expect.poll(() => new URL(page.url()).hash).toBe('')
      })
    },
  )

  test('a service that is away is told, and the page can be used again', async () => {
    expect.hasAssertions()
    await visit(
      portal,
      '/forgot',
      async (page) => {
        await page.getByLabel('E-mail address').fill('ann@example.com')
        await page.context().setOffline(true)
        await page.getByText('You are offline').waitFor()
        await page.getByRole('button', { name: 'Send the link' }).click()
        await page.getByRole('alert').getByText('The service cannot be reached').waitFor()
        await page.context().setOffline(false)
        await page.getByRole('button', { name: 'Send the link' }).click()
        await heading(page, 'Look into your mailbox')
        await page.getByText('You are offline').waitFor({ state: 'hidden' })
      },
      { expected: ['ERR_INTERNET_DISCONNECTED'] },
    )
  })
})

const isFocused = (one: { matches: (selector: string) => boolean }) => one.matches(':focus')
