import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createAccount } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { findBarriers, heading, settled, startPortal, visit } from './harness.ts'

describe.skipIf(!hasBrowser)('the keyboard', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!

  test('Ctrl-K goes to any page, the first that fits', async () => {
    const ann = await createAccount(portal.it)
    const look = async (page: Page) => {
      await heading(page, 'My code')
      await settled(page)
      await page.keyboard.press('Control+k')
      const dialog = page.getByRole('dialog', { name: 'Go anywhere' })
      await dialog.waitFor()
      expect(await findBarriers(page)).toEqual([])
      await page.keyboard.type('acc')
      await page.getByRole('option', { name: 'Account', selected: true }).waitFor()
      await expect.poll(() => dialog.getByRole('option').count()).toBe(1)
      await page.keyboard.press('Enter')
      await heading(page, 'Account')
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    }
    await visit(portal, '/', look, { as: ann })
  })

  test('Ctrl-K finds users for administrators, by arrow keys', async () => {
    const { it } = portal
    const admin = await createAccount(it)
    const bob = await createAccount(it, { username: 'bob.to.be.found' })
    const { db } = it.ctx
    await db.updateTable('users').set({ role: 'admin' }).where('id', '=', admin.id).execute()
    const look = async (page: Page) => {
      await heading(page, 'My code')
      await settled(page)
      await page.keyboard.press('Control+k')
      await page.getByLabel('Where to?').fill('bob.to')
      await page.getByRole('option', { name: 'bob.to.be.found' }).waitFor()
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('Enter')
      await page.waitForURL(`**/admin/users/${bob.id}`)
      expect(new URL(page.url()).pathname).toBe(`/admin/users/${bob.id}`)
    }
    await visit(portal, '/', look, { as: admin })
  })

  test('? lists the keys, and not while somebody types', async () => {
    await visit(portal, '/login', async (page) => {
      await heading(page, 'Sign in')
      await page.getByLabel('E-mail address or username').fill('')
      await settled(page)
      await page.keyboard.press('?')
      expect(await page.getByRole('dialog').count()).toBe(0)
      await page.getByRole('heading', { level: 1 }).click()
      await settled(page)
      await page.keyboard.press('?')
      const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
      await dialog.getByText('Show the shortcuts').waitFor()
      expect(await findBarriers(page)).toEqual([])
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
    })
  })
})
