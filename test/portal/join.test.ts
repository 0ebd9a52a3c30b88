import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createAccount, createCode, get, PASSWORD, send } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { expireCode } from '../support/rows.ts'
import { heading, settled, startPortal, visit } from './harness.ts'

const STRONG = 'seven quiet lanterns'

describe.skipIf(!hasBrowser)('joining', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!
  const { it } = portal ?? {}

  test('a friend registers by a link, is signed in and becomes a referral', async () => {
    const ann = await createAccount(it, { username: 'ann.of.join' })
    const code = await createCode(it, ann)
    await visit(portal, `/join/${code}`, async (page) => {
      await heading(page, 'ann.of.join invited you')
      await expect.poll(() => page.title()).toBe('ann.of.join invited you · Invitree')
      await page.getByText('The code of ann.of.join').waitFor()
      await fill(page, { username: 'bob.of.join', email: 'bob@example.org', password: STRONG })
      await page.getByText('Strong').waitFor()
      await page.getByRole('button', { name: 'Create account' }).click()
      await heading(page, 'My code')
      expect(new URL(page.url()).pathname).toBe('/')
    })
    const referrals = await get(it, '/api/v1/users/me/referrals', ann)
    expect(referrals.json().items).toMatchObject([{ email: 'bob@example.org', code }])
  })

  test('whoever changes the code by hand is told whose it is', async () => {
    const ann = await createAccount(it, { username: 'ann.by.hand' })
    const code = await createCode(it, ann)
    const look = async (page: Page) => {
      await heading(page, 'Create an account')
      const field = page.getByLabel('Referral code')
      await field.fill(` ${code.toLowerCase()} `)
      await field.blur()
      await page.getByText('The code of ann.by.hand').waitFor()
      await expect.poll(() => field.inputValue()).toBe(code)
      await field.fill('NOSUCHCODE')
      await field.blur()
      await page.getByRole('alert').getByText('There is no such code').waitFor()
      await page.getByRole('button', { name: 'Go on without the code' }).click()
      await expect.poll(() => field.inputValue()).toBe('')
      await expect.poll(() => page.getByRole('alert').count()).toBe(0)
    }
    await visit(portal, '/join', look, { expected: ['404'] })
  })

  test.each([
    ['expired', 'This code has expired'],
    ['retired', 'This code was switched off'],
    ['unknown', 'There is no such code'],
  ])(
    'a share link that is %s says so at once, and one goes on without the code',
    async (state, words) => {
      await visit(portal, `/join/HADITSDAY?state=${state}`, async (page) => {
        await heading(page, 'Create an account')
        await page.getByRole('alert').getByText(words).waitFor()
        await page.getByRole('button', { name: 'Go on without the code' }).click()
        const email = `${state}@example.org`
        await fill(page, { email, password: STRONG })
        await page.getByRole('button', { name: 'Create account' }).click()
        await heading(page, 'My code')
        expect(new URL(page.url()).pathname).toBe('/')
      })
    },
  )

  test('a code that expired or was switched off is told apart without the share link too', async () => {
    expect.hasAssertions()
    const ann = await createAccount(it)
    const retired = await createCode(it, ann)
    await send(it, { method: 'DELETE', url: '/api/v1/referrals/code' }, ann)
    await visit(portal, `/join/${retired}`, async (page) => {
      await page.getByRole('alert').getByText('This code was switched off').waitFor()
    })
    const expired = await createCode(it, ann)
    await expireCode(it, expired)
    await visit(portal, `/join/${expired}`, async (page) => {
      await page.getByRole('alert').getByText('This code has expired').waitFor()
    })
  })

  test('what the service refuses stands at its field, in the language of the page', async () => {
    await visit(
      portal,
      '/join',
      async (page) => {
        await page.getByRole('button', { name: 'Создать учётную запись' }).click()
        await page.getByText('Укажите адрес почты').waitFor()
        const email = page.getByLabel('Адрес почты')
        expect(await email.getAttribute('aria-invalid')).toBe('true')
        await expect.poll(() => email.evaluate((one) => one.matches(':focus'))).toBe(true)
        await email.fill('ann@example.org')
        await page.getByRole('textbox', { name: 'Пароль' }).fill('password')
        await page.getByRole('button', { name: 'Создать учётную запись' }).click()
        await page.getByText(/^Выберите не частый пароль/).waitFor()
      },
      { locale: 'ru', expected: ['422', '422'] },
    )
  })

  test('a taken address offers to sign in', async () => {
    const ann = await createAccount(it)
    await visit(
      portal,
      '/join',
      async (page) => {
        await fill(page, { email: ann.email, password: STRONG })
        await page.getByRole('button', { name: 'Create account' }).click()
        const panel = page.getByRole('alert')
        await panel.getByText('The e-mail address is taken').waitFor()
        await panel.getByRole('link', { name: 'Sign in' }).click()
        await heading(page, 'Sign in')
        const title = page.getByRole('heading', { level: 1, name: 'Sign in' })
        await expect.poll(() => title.evaluate((one) => one.matches(':focus'))).toBe(true)
      },
      { expected: ['409'] },
    )
  })

  test("one's own link offers to copy it, a friend's link to sign out", async () => {
    const ann = await createAccount(it, { username: 'ann.own' })
    const bob = await createAccount(it, { username: 'bob.other' })
    const code = await createCode(it, ann)
    const options = { permissions: ['clipboard-read', 'clipboard-write'] }
    await visit(
      portal,
      `/join/${code.toLowerCase()}`,
      async (page) => {
        await heading(page, 'This is your own link')
        await page.getByRole('button', { name: 'Copy the link' }).click()
        await page.getByRole('button', { name: 'The link is copied' }).waitFor()
        expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(`/r/${code}`)
      },
      { as: ann, options },
    )
    await visit(
      portal,
      `/join/${code}`,
      async (page) => {
        await heading(page, 'You are signed in as bob.other')
        await page.getByRole('button', { name: 'Sign out and create another account' }).click()
        await heading(page, 'ann.own invited you')
      },
      { as: bob },
    )
  })

  test('the main way in needs no mouse', async () => {
    expect.hasAssertions()
    await visit(portal, '/login', async (page) => {
      await heading(page, 'Sign in')
      await settled(page)
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
      await page.keyboard.press('Enter')
      await tabTo(page, 'Sign up')
      await page.keyboard.press('Enter')
      await heading(page, 'Create an account')
      await tabTo(page, 'email')
      await page.keyboard.type('keys@example.org')
      await tabTo(page, 'password')
      await page.keyboard.type(STRONG)
      await page.keyboard.press('Enter')
      await heading(page, 'My code')
    })
  })

  test('an address that must be confirmed first is told so', async () => {
    expect.hasAssertions()
    const strict = await startPortal({ EMAIL_VERIFICATION: 'required' })
    const look = async (page: Page) => {
      await fill(page, { email: 'first@example.org', password: PASSWORD })
      await page.getByRole('button', { name: 'Create account' }).click()
      await heading(page, 'Confirm your e-mail address')
      expect(await page.locator('main').textContent()).toContain('first@example.org')
    }
    await visit(strict, '/join', look, { expected: ['403'] })
  })
})

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`input[name="${name}"]`).fill(value)
  }
}

/** Presses Tab until the element with this text or name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab')
    const [text, field] = await page.evaluate<[string, string | undefined]>(
      '[document.activeElement.textContent, document.activeElement.name]',
    )
    if (text === name || field === name) return
  }
  throw new Error(`Tab does not lead to ${name}`)
}
