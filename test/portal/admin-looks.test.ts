import type { Page } from 'playwright-core'
import { filled } from './admin.fixture.ts'
import { heading, type Locale, reopen } from './harness.ts'
import { checkLooks, type ScreenState } from './looks.ts'

const nora = filled()

checkLooks([
  screen('admin-overview', ['/admin', 'Overview', 'Обзор'], async (page) => {
    await page.locator('svg[role="img"]').waitFor()
  }),
  screen('admin-overview-table', ['/admin?range=days7', 'Overview', 'Обзор'], async (page) => {
    await page.locator('summary').click()
    await page.locator('svg[role="img"]').hover()
  }),
  screen('admin-codes', ['/admin/codes', 'Codes', 'Коды'], shown('FREE-MONEY')),
  screen('admin-codes-extend', ['/admin/codes', 'Codes', 'Коды'], async (page, locale) => {
    await press(page, locale, 'Extend', 'Продлить')
    await page.locator('input[type="datetime-local"]').fill('2020-01-01T10:00')
    await page.getByRole('dialog').getByRole('button').last().click()
    await page.locator('[aria-invalid="true"]').waitFor()
  }),
  screen('admin-codes-retire', ['/admin/codes', 'Codes', 'Коды'], async (page, locale) => {
    await press(page, locale, 'Switch off', 'Отключить')
    await page.getByRole('dialog').waitFor()
  }),
  screen('admin-audit', ['/admin/audit', 'Audit', 'Журнал'], async (page, locale) => {
    const told = locale === 'en' ? 'The block was lifted' : 'Блокировка снята'
    await page.getByText(told).last().waitFor()
  }),
  screen('admin-system', ['/admin/system', 'System', 'Система'], async (page, locale) => {
    await press(page, locale, 'Check the data', 'Проверить')
    await page.getByText('I8', { exact: false }).waitFor()
  }),
  screen('admin-system-mail', ['/admin/system', 'System', 'Система'], async (page) => {
    await page.getByRole('button', { name: 'example.com' }).first().click()
    await page.getByRole('dialog').getByText('http').first().waitFor()
  }),
  screen(
    'admin-system-failed-job',
    ['/admin/system', 'System', 'Система'],
    async (page, locale) => {
      await reopen(page, '**/api/v1/admin/jobs?*', (route) => route.fulfill({ json: FAILED }))
      await page
        .getByRole('button', { name: locale === 'en' ? 'Try again' : 'Повторить' })
        .waitFor()
    },
  ),
])

// To fail for good a job takes days; this is what the service says of one.
const FAILED = {
  items: [
    {
      id: '0b0fa2d4-6c8e-4d52-9f43-3a1f0a4b2c5d',
      name: 'mail',
      mail: 'welcome',
      user_id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
      tries: 13,
      reason: 'The mail was not sent: ESOCKET, CONN',
      created_at: '2026-11-20T08:30:00.000Z',
      failed_at: '2026-11-21T06:30:00.000Z',
    },
  ],
  total: 1,
  page: 1,
  size: 20,
  pages: 1,
  next_cursor: null,
  queues: [
    { name: 'mail', waiting: 2, active: 1, failed: 1 },
    { name: 'figures.merge', waiting: 0, active: 0, failed: 0 },
  ],
}

type Ready = (page: Page, locale: Locale) => Promise<unknown>

function screen(
  name: string,
  [path, en, ru]: [path: string, en: string, ru: string],
  ready: Ready,
  more: Partial<ScreenState> = {},
): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, locale === 'en' ? en : ru)
    await ready(page, locale)
    await page.waitForLoadState('networkidle')
  }
  return { name, path, as: nora, ready: inspect, ...more }
}

function shown(text: string): Ready {
  return (page) => page.getByText(text, { exact: true }).waitFor()
}

async function press(page: Page, locale: Locale, en: string, ru: string): Promise<void> {
  await page
    .getByRole('button', { name: locale === 'en' ? en : ru })
    .first()
    .click()
}
