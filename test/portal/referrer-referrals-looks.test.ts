import type { Page } from 'playwright-core'
import { createAccount } from '../support/app.ts'
import { heading, type Locale } from './harness.ts'
import { checkLooks, type ScreenState } from './looks.ts'
import { answerAll, createOwner, createReferrer, once } from './referrer.fixture.ts'

const ann = once(({ it }) => createReferrer(it))

checkLooks([
  screen('referrals', ann, '', shown('clara.jensen')),
  screen('referrals-filtered', ann, '?status=confirmed&q=ro', shown('sofia.rossi')),
  screen('referrals-nobody-found', ann, '?q=zzz', told('Nobody found', 'Никого не нашлось')),
  screen(
    'referrals-empty',
    once(({ it }) => createOwner(it, 500)),
    '',
    told('Copy the link', 'Скопировать ссылку'),
  ),
  screen(
    'referrals-no-code',
    once(({ it }) => createAccount(it)),
    '',
    told('Create code', 'Создать код'),
  ),
  {
    ...screen('referrals-failed', ann, '', async (page) => {
      await answerAll(page, 'fault')
      await page.getByRole('alert').waitFor()
    }),
    expected: ['500', '500'],
  },
  {
    name: 'referrals-loading',
    path: '/referrals',
    as: ann,
    ready: async (page) => {
      await answerAll(page, 'never')
      await page.locator('main .mantine-Skeleton-root').nth(4).waitFor()
    },
  },
  screen('referrals-drawer', ann, '', opened('clara.jensen')),
  screen('referrals-drawer-refused', ann, '?page=1', opened('jan.kowalski')),
  screen('referrals-drawer-review', ann, '?status=review', opened('nadia.haddad')),
])

type Ready = (page: Page, locale: Locale) => Promise<unknown>

function screen(name: string, as: ScreenState['as'], query: string, ready: Ready): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, locale === 'en' ? 'Referrals' : 'Рефералы')
    await ready(page, locale)
    await page.waitForLoadState('networkidle')
  }
  return { name, path: `/referrals${query}`, ready: inspect, ...(as && { as }) }
}

function shown(text: string): Ready {
  return (page) => page.getByText(text, { exact: true }).waitFor()
}

function told(en: string, ru: string): Ready {
  return (page, locale) => page.getByText(locale === 'en' ? en : ru).waitFor()
}

function opened(friend: string): Ready {
  return async (page, locale) => {
    await page.getByRole('button', { name: friend }).click()
    const title = locale === 'en' ? 'What happened' : 'Что произошло'
    await page.getByRole('dialog').getByText(title).waitFor()
  }
}
