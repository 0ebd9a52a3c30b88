import type { Page } from 'playwright-core'
import { FAULT, filled } from './admin.fixture.ts'
import { heading, type Locale, reopen } from './harness.ts'
import { checkLooks, type ScreenState } from './looks.ts'

const nora = filled()

checkLooks([
  referrals('admin-referrals', '', shownLink('m.frost.9')),
  referrals('admin-referrals-review', '?status=review', async (page, locale) => {
    await page
      .getByRole('button', { name: say(locale, 'Refuse', 'Отклонить'), exact: true })
      .first()
      .click()
    await page.getByRole('dialog').getByRole('combobox').waitFor()
  }),
  referrals('admin-tree', '?view=tree', async (page, locale) => {
    await page.getByRole('tree').waitFor()
    await page.getByRole('button', { name: say(locale, 'Open a level', 'Открыть') }).click()
    await page.getByText('LEO-2027').or(page.getByText('SARA-LIKES-IT')).first().waitFor()
    await page.getByRole('tree').focus()
  }),
  referrals('admin-picture', '?view=picture', async (page, locale) => {
    await page.getByRole('application').waitFor()
    const more = page.getByRole('button', { name: say(locale, 'Open a level', 'Открыть') })
    // As deep as the chain of the abuse.
    for (let level = 0; level < 3; level++) await more.click()
    await page.locator('output[aria-busy="false"]').waitFor()
  }),
  {
    ...referrals('admin-tree-failed', '?view=tree', async (page, locale) => {
      await reopen(page, '**/api/v1/admin/tree*', (route) => route.fulfill(FAULT))
      await page.getByRole('button', { name: say(locale, 'Try again', 'Повторить') }).waitFor()
    }),
    expected: ['500'],
  },
])

type Ready = (page: Page, locale: Locale) => Promise<unknown>

function say(locale: Locale, en: string, ru: string) {
  return locale === 'en' ? en : ru
}

function shownLink(name: string): Ready {
  return (page) => page.getByRole('link', { name, exact: true }).waitFor()
}

function referrals(name: string, query: string, ready: Ready): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, say(locale, 'All referrals', 'Все рефералы'))
    await ready(page, locale)
    await page.waitForLoadState('networkidle')
  }
  return { name, path: `/admin/referrals${query}`, as: nora, ready: inspect }
}
