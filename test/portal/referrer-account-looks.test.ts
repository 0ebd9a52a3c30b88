import type { Page } from 'playwright-core'
import { newId } from '../../src/lib/ids.ts'
import { type Account, createAccount, createCode, post, type TestApp } from '../support/app.ts'
import { heading, type Locale, reopen } from './harness.ts'
import { checkLooks, type ScreenState, titled } from './looks.ts'
import { answerAll, once } from './referrer.fixture.ts'

const ann = once(({ it }) => createPerson(it))

checkLooks([
  screen('account', ann, told('Confirmed', 'Подтверждён')),
  screen(
    'account-not-confirmed',
    once(({ it }) => createAccount(it)),
    told('Send the link again', 'Отправить ссылку ещё раз'),
  ),
  screen(
    'account-refused',
    once(({ it }) => createAccount(it)),
    async (page) => {
      await page.locator('input[name="current_password"]').fill('not the password')
      await page.locator('input[name="new_password"]').fill('seven quiet lanterns')
      await page.locator('form:has([name="new_password"]) button[type="submit"]').click()
      await page.locator('[name="current_password"][aria-invalid="true"]').waitFor()
      await page.locator('input[name="username"]').fill('a')
      await page.locator('form:has([name="username"]) button[type="submit"]').click()
      await page.locator('[name="username"][aria-invalid="true"]').waitFor()
    },
    ['401', '422'],
  ),
  screen(
    'account-failed',
    ann,
    async (page) => {
      await answerAll(page, 'fault')
      await page.getByRole('alert').nth(1).waitFor()
    },
    ['500', '500'],
  ),
  screen('account-erase', ann, async (page, locale) => {
    await reopen(page, '**/auth/sessions', async (route) => {
      const { items } = await (await route.fetch()).json()
      const created_at = new Date(Date.now() - 86_400_000).toISOString()
      const older = items.map((session: object) => ({ ...session, created_at }))
      await route.fulfill({ json: { items: older } })
    })
    await told('This device', 'Это устройство')(page, locale)
    await press(page, locale, 'Delete my account', 'Удалить учётную запись')
    await page.getByRole('dialog').getByRole('textbox').first().fill('ann.lee@example.com')
    await page.getByRole('dialog').locator('input[name="password"]').fill('not the password')
  }),
  {
    name: 'goodbye',
    path: '/goodbye',
    ready: titled('Your account is deleted', 'Учётная запись удалена'),
  },
])

type Ready = (page: Page, locale: Locale) => Promise<unknown>

function screen(
  name: string,
  as: ScreenState['as'],
  ready: Ready,
  expected: string[] = [],
): ScreenState {
  const inspect: Ready = async (page, locale) => {
    await heading(page, locale === 'en' ? 'Account' : 'Профиль')
    await ready(page, locale)
    await page.waitForLoadState('networkidle')
  }
  return { name, path: '/account', ready: inspect, expected, ...(as && { as }) }
}

function told(en: string, ru: string): Ready {
  return (page, locale) => page.getByText(locale === 'en' ? en : ru, { exact: true }).waitFor()
}

async function press(page: Page, locale: Locale, en: string, ru: string): Promise<void> {
  await page.getByRole('button', { name: locale === 'en' ? en : ru, exact: true }).click()
}

/** Somebody with a whole profile, other devices, and a history. */
async function createPerson(it: TestApp): Promise<Account> {
  const referrer = await createAccount(it, { username: 'oliver.grant' })
  const referral_code = await createCode(it, referrer, { code: 'WELCOME-OLIVER' })
  const ann = await createAccount(it, {
    email: 'ann.lee@example.com',
    username: 'ann.lee',
    referral_code,
  })
  const { db } = it.ctx
  await db
    .updateTable('users')
    .set({
      name: 'Ann Lee',
      company: 'Lee & Sons',
      avatar_url: 'https://images.example/ann.png',
      email_verified_at: new Date(),
    })
    .where('id', '=', ann.id)
    .execute()
  const agents = [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
    'curl/8.16.0',
  ]
  for (const [n, user_agent] of agents.entries()) {
    const used_at = new Date(Date.now() - (n + 1) * 26 * 3_600_000)
    const expires_at = new Date(Date.now() + 86_400_000)
    const times = { created_at: used_at, used_at, expires_at }
    const device = { id: newId(), user_id: ann.id, client_id: 'portal', user_agent, ...times }
    await db.insertInto('sessions').values(device).execute()
  }
  const { access_token } = ann
  await post(it, '/api/v1/auth/revoke', { token: access_token })
  return ann
}
