import type { Page } from 'playwright-core'
import { ABUSER, FAULT, filled, idOf } from './admin.fixture.ts'
import { heading, type Locale, type Portal, reopen } from './harness.ts'
import { checkLooks, type ScreenState } from './looks.ts'

const nora = filled()
const abuser = async (portal: Portal) => {
  await nora(portal)
  return `/admin/users/${await idOf(portal.it, ABUSER)}`
}

checkLooks([
  users('admin-users', '', async (page) => {
    await page.getByRole('link', { name: 'm.frost.9', exact: true }).waitFor()
  }),
  users('admin-users-nobody', '?q=zzzz&role=admin', async (page, locale) => {
    await page.getByRole('button', { name: say(locale, 'Show all', 'Показать всё') }).waitFor()
  }),
  users(
    'admin-users-failed',
    '',
    async (page, locale) => {
      await reopen(page, '**/api/v1/admin/users?*', (route) => route.fulfill(FAULT))
      await page.getByRole('button', { name: say(locale, 'Try again', 'Повторить') }).waitFor()
    },
    ['500'],
  ),
  users(
    'admin-users-invite',
    '',
    async (page, locale) => {
      await page.getByRole('button', { name: say(locale, 'Invite', 'Пригласить') }).click()
      await page.getByRole('dialog').getByRole('textbox').fill('not an address')
      await page.getByRole('button', { name: say(locale, 'Send the inv', 'Отправить') }).click()
      await page.locator('[aria-invalid="true"]').waitFor()
    },
    ['422'],
  ),
  user('admin-user', async () => undefined),
  user('admin-user-menu', async (page, locale) => {
    await page.getByRole('button', { name: say(locale, 'More', 'Ещё') }).click()
    await page.getByRole('menuitem').first().waitFor()
  }),
  user('admin-user-block', async (page, locale) => {
    await page.getByRole('button', { name: say(locale, 'Block', 'Заблокировать') }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('One person with many accounts')
  }),
  user('admin-user-erase', async (page, locale) => {
    await page.getByRole('button', { name: say(locale, 'More', 'Ещё') }).click()
    await page.getByRole('menuitem').last().click()
    await page.getByRole('dialog').getByRole('textbox').fill('somebody@example.com')
    await page.getByRole('dialog').getByRole('button').last().click()
    await page.locator('[aria-invalid="true"]').waitFor()
  }),
])

type Ready = (page: Page, locale: Locale) => Promise<unknown>

const say = (locale: Locale, en: string, ru: string) => (locale === 'en' ? en : ru)

function users(name: string, query: string, ready: Ready, expected?: string[]): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, say(locale, 'Users', 'Пользователи'))
    await ready(page, locale)
  }
  return {
    name,
    path: `/admin/users${query}`,
    as: nora,
    ready: inspect,
    ...(expected && { expected }),
  }
}

function user(name: string, ready: Ready): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, ABUSER)
    await page.waitForLoadState('networkidle')
    await ready(page, locale)
  }
  return { name, path: abuser, as: nora, ready: inspect }
}
