import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type Account, createAccount, createCode } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { startPortal, visit } from './harness.ts'

const ASSETS = join(import.meta.dirname, '../../portal/dist/assets')

describe.skipIf(!hasBrowser)('all the scripts of a page that opens, packed', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!

  async function administrator(): Promise<Account> {
    const account = await createAccount(portal.it)
    const { db } = portal.it.ctx
    await db.updateTable('users').set({ role: 'admin' }).where('id', '=', account.id).execute()
    return account
  }

  async function referrer(): Promise<Account> {
    const account = await createAccount(portal.it)
    await createCode(portal.it, account)
    return account
  }

  test.each([
    ['/join', 135, undefined],
    ['/', 165, referrer],
    ['/referrals', 150, referrer],
    ['/admin', 255, administrator],
  ])('%s takes at most %i kB', async (path, budget, person) => {
    const as = await person?.()
    const scripts = new Set<string>()
    const look = async (page: Page) => {
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      for (const url of await page.evaluate<string[]>(
        "performance.getEntriesByType('resource').map(({ name }) => name)",
      )) {
        if (url.endsWith('.js')) scripts.add(basename(url))
      }
    }
    await visit(portal, path, look, { ...(as && { as }) })
    expect(scripts.size).toBeGreaterThan(1)
    const sizes = await Promise.all(
      [...scripts].map(async (name) => (await stat(join(ASSETS, `${name}.gz`))).size),
    )
    const total = sizes.reduce((sum, size) => sum + size, 0) / 1000
    expect(total, [...scripts].join(' ')).toBeLessThanOrEqual(budget)
    if (process.env['SIZES']) process.stdout.write(`${path} ${total.toFixed(1)} kB\n`)
  })
})
