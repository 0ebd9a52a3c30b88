import type { Page } from 'playwright-core'
import { createAccount } from '../support/app.ts'
import { expireCode } from '../support/rows.ts'
import { heading, type Locale } from './harness.ts'
import { checkLooks, type ScreenState } from './looks.ts'
import {
  answerAll,
  createOwner,
  createReferrer,
  goOffline,
  insertEndedCode,
  once,
} from './referrer.fixture.ts'

const ann = once(({ it }) => createReferrer(it))
const nobody = once(({ it }) => createAccount(it))

checkLooks(
  [
    home('home', ann, shown('Deactivate', 'Отключить')),
    home('home-extend', ann, async (page, locale) => {
      await press(page, locale, 'Extend', 'Продлить')
      await page.getByRole('dialog').waitFor()
      await page.getByText(locale === 'en' ? 'Date' : 'Дата', { exact: true }).click()
      await page.locator('input[type="datetime-local"]').waitFor()
    }),
    home('home-deactivated', ann, async (page, locale) => {
      // Leaving the page would switch it off for the looks that follow.
      await page.evaluate(`{
        const send = fetch
        fetch = (address, options) =>
          options.method === 'DELETE' ? new Response(null, { status: 204 }) : send(address, options)
      }`)
      await press(page, locale, 'Deactivate', 'Отключить')
      await page.getByRole('button', { name: locale === 'en' ? 'Undo' : 'Отменить' }).hover()
    }),
    home('home-empty', nobody, shown('Create code', 'Создать код')),
    home('home-taken', nobody, async (page, locale) => {
      await page.locator('input[name="code"]').fill('ann-2027')
      const told = locale === 'en' ? 'This text is taken' : 'Этот текст занят'
      await page.getByText(told).waitFor()
    }),
    home(
      'home-soon',
      once(({ it }) => createOwner(it, 40)),
      async (page, locale) => {
        await page.locator('time').first().focus()
        await page.getByRole('tooltip').waitFor()
        await shown('Deactivate', 'Отключить')(page, locale)
      },
    ),
    {
      ...home('home-failed', ann, async (page) => {
        await answerAll(page, 'fault')
        await page.getByRole('alert').nth(2).waitFor()
      }),
      expected: ['500', '500', '500'],
    },
    {
      name: 'home-loading',
      path: '/',
      as: ann,
      ready: async (page) => {
        await answerAll(page, 'never')
        await page.locator('main .mantine-Skeleton-root').nth(2).waitFor()
      },
    },
    home('home-offline', ann, async (page) => {
      await goOffline(page)
      await page.locator('output').first().waitFor()
    }),
    home(
      'home-expired',
      once(async ({ it }) => {
        const owner = await createOwner(it, 40)
        const { code } = await it.ctx.db
          .selectFrom('referral_codes')
          .select('code')
          .where('user_id', '=', owner.id)
          .executeTakeFirstOrThrow()
        await expireCode(it, code)
        return owner
      }),
      shown('Create a new code', 'Создать новый код'),
    ),
    home(
      'home-retired',
      once(async ({ it }) => {
        const owner = await createAccount(it)
        await insertEndedCode(it, owner, { code: 'OVER-AND-OUT', hoursAgo: 100, hours: 90 })
        return owner
      }),
      shown('Create a new code', 'Создать новый код'),
    ),
  ],
  { PUBLIC_URL: 'http://invite.example.com' },
)

type Ready = (page: Page, locale: Locale) => Promise<unknown>

function home(name: string, as: ScreenState['as'], ready: Ready): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, locale === 'en' ? 'My code' : 'Мой код')
    await ready(page, locale)
    await page.waitForLoadState('networkidle')
  }
  return { name, path: '/', ready: inspect, ...(as && { as }) }
}

function shown(en: string, ru: string): Ready {
  return async (page, locale) => {
    await page.getByRole('button', { name: locale === 'en' ? en : ru }).waitFor()
  }
}

async function press(page: Page, locale: Locale, en: string, ru: string): Promise<void> {
  await page.getByRole('button', { name: locale === 'en' ? en : ru, exact: true }).click()
}
