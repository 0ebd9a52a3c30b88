import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createAccount, PASSWORD, send } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { heading, openPlace, startPortal, visit } from './harness.ts'

describe.skipIf(!hasBrowser)('signing in', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!

  async function enter(page: Page, login: string, password: string) {
    await page.getByLabel('E-mail address or username').fill(login)
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test('leads back to where one was, survives a reload, and ends for good', async () => {
    const ann = await createAccount(portal.it)
    await visit(portal, '/referrals?status=pending', async (page) => {
      await heading(page, 'Sign in')
      await enter(page, ann.email, PASSWORD)
      await heading(page, 'Referrals')
      expect(new URL(page.url()).search).toBe('?status=pending')
      await page.reload()
      await heading(page, 'Referrals')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await heading(page, 'Sign in')
      await page.goto(`${portal.address}/account`)
      await heading(page, 'Sign in')
    })
  })

  test('with a wrong password says what to do', async () => {
    const ann = await createAccount(portal.it)
    await visit(
      portal,
      '/login',
      async (page) => {
        await enter(page, ann.email, 'wrong')
        const told = page.getByRole('alert')
        await told.waitFor()
        expect(await told.textContent()).toContain('Check the e-mail address or username')
      },
      { expected: ['401'] },
    )
  })

  test('many tabs that open at once share the session', async () => {
    const ann = await createAccount(portal.it)
    const place = await openPlace(portal, { as: ann })
    const tabs = await Promise.all(Array.from({ length: 6 }, () => place.context.newPage()))
    for (const round of [1, 2]) {
      await Promise.all(tabs.map((tab) => tab.goto(`${portal.address}/account?${round}`)))
      await Promise.all(tabs.map((tab) => heading(tab, 'Account')))
    }
    await tabs[0]!.getByRole('button', { name: 'Sign out' }).first().click()
    await Promise.all(tabs.map((tab) => heading(tab, 'Sign in')))
    expect(place.complaints).toEqual([])
    await place.context.close()
  })

  test('a session that was ended elsewhere says so, and one comes back to where one was', async () => {
    const ann = await createAccount(portal.it)
    const look = async (page: Page) => {
      await heading(page, 'Account')
      await send(portal.it, { method: 'DELETE', url: '/api/v1/auth/sessions' }, ann)
      await page.reload()
      await heading(page, 'Sign in')
      await page.getByText('You were signed out, because the session ended.').waitFor()
      await enter(page, ann.email, PASSWORD)
      await heading(page, 'Account')
      expect(new URL(page.url()).pathname).toBe('/account')
    }
    await visit(portal, '/account', look, { as: ann, expected: ['401'] })
  })

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)'])(
    'leads to no other place: %s',
    async (next) => {
      const ann = await createAccount(portal.it)
      const path = `/login?next=${encodeURIComponent(next)}`
      const look = async (page: Page) => {
        await heading(page, 'My code')
        expect(page.url()).toBe(`${portal.address}/`)
      }
      await visit(portal, path, look, { as: ann })
    },
  )
})
