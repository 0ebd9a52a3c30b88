import type { Page } from 'playwright-core'
import { createAdministrator, FAULT } from './admin.fixture.ts'
import { heading, type Locale, reopen } from './harness.ts'
import { checkLooks, type ScreenState } from './looks.ts'
import { once } from './referrer.fixture.ts'

const nora = once(({ it }) => createAdministrator(it))

checkLooks([
  empty('admin-overview-empty', ['/admin', 'Overview', 'Обзор'], ['Nothing waits', 'Всё сделано']),
  empty('admin-codes-empty', ['/admin/codes', 'Codes', 'Коды'], ['no codes yet', 'Кодов пока нет']),
  empty(
    'admin-referrals-empty',
    ['/admin/referrals', 'All referrals', 'Все рефералы'],
    ['Nobody has come', 'никто не пришёл'],
  ),
  empty(
    'admin-tree-empty',
    ['/admin/referrals?view=tree', 'All referrals', 'Все рефералы'],
    ['There is no tree yet', 'Дерева пока нет'],
  ),
  empty(
    'admin-audit-empty',
    ['/admin/audit?action=user.erased', 'Audit', 'Журнал'],
    ['Nothing fits', 'ничего не подходит'],
  ),
  failed('admin-overview-failed', '/admin', ['Overview', 'Обзор']),
  failed('admin-user-failed', '/admin/users/me', ['User', 'Пользователь']),
  failed('admin-system-failed', '/admin/system', ['System', 'Система'], 3),
  {
    name: 'admin-overview-loading',
    path: '/admin',
    as: nora,
    ready: async (page, locale) => {
      await heading(page, locale === 'en' ? 'Overview' : 'Обзор')
      // Never answered: the shape stays as long as it is looked at.
      await reopen(page, '**/api/v1/admin/**', () => undefined)
      await heading(page, locale === 'en' ? 'Overview' : 'Обзор')
      await page.locator('main [aria-busy="true"] [data-visible]').first().waitFor()
    },
  },
])

type Words = [en: string, ru: string]

const say = (locale: Locale, [en, ru]: Words) => (locale === 'en' ? en : ru)

/** A screen of a service that nobody uses yet. */
function empty(name: string, [path, ...title]: [path: string, ...Words], told: Words): ScreenState {
  const ready = async (page: Page, locale: Locale) => {
    await heading(page, say(locale, title))
    await page.getByText(say(locale, told)).first().waitFor()
    await page.waitForLoadState('networkidle')
  }
  return { name, path, as: nora, ready }
}

/** A screen all of whose requests fail. */
function failed(name: string, path: string, title: Words, requests = 1): ScreenState {
  const ready = async (page: Page, locale: Locale) => {
    await heading(page, /./)
    await reopen(page, '**/api/v1/admin/**', (route) => route.fulfill(FAULT))
    await heading(page, say(locale, title))
    const retry = page.getByRole('button', { name: say(locale, ['Try again', 'Повторить']) })
    await retry.nth(requests - 1).waitFor()
  }
  return { name, path, as: nora, ready, expected: Array.from({ length: requests }, () => '500') }
}
