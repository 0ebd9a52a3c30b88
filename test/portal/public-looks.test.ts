import type { Page } from 'playwright-core'
import { createAccount, createCode } from '../support/app.ts'
import { heading, type Locale, type Portal } from './harness.ts'
import { checkLooks, titled } from './looks.ts'

const LONG_NAME = 'maximilian.alexander_the-32nd.xx'

async function invitation({ it }: Portal): Promise<string> {
  const owner = await createAccount(it, { username: LONG_NAME })
  return `/join/${await createCode(it, owner)}`
}

const once = <T>(work: (portal: Portal) => Promise<T>) => {
  let made: Promise<T> | undefined
  return (portal: Portal) => (made ??= work(portal))
}

/** Sends the form as it is and waits for what the service says of a field. */
const refused = (en: string, ru: string) => async (page: Page, locale: Locale) => {
  await page.locator('form').waitFor()
  await page.locator('form button[type="submit"]').click()
  await page
    .getByText(locale === 'en' ? en : ru)
    .first()
    .waitFor()
}

/** Fills the fields and sends the form, then waits for the heading. */
const sent =
  (fields: Record<string, string>, ready: ReturnType<typeof titled>) =>
  async (page: Page, locale: Locale) => {
    await page.locator('main button').last().waitFor()
    for (const [name, value] of Object.entries(fields)) {
      await page.locator(`input[name="${name}"]`).fill(value)
    }
    await page.locator('main button').last().click()
    await ready(page, locale)
  }

const EXPIRED = titled('The link does not work any more', 'Ссылка больше не работает')
const INCOMPLETE = titled('The link is not complete', 'Ссылка неполная')

checkLooks([
  { name: 'login', path: '/login', ready: titled('Sign in', 'Вход') },
  {
    name: 'login-asked-for',
    path: '/referrals',
    ready: async (page, locale) => {
      await page
        .getByText(locale === 'en' ? 'Sign in to go on.' : 'Войдите, чтобы продолжить.')
        .waitFor()
    },
  },
  {
    name: 'login-refused',
    path: '/login',
    ready: async (page, locale) => {
      await heading(page, locale === 'en' ? 'Sign in' : 'Вход')
      await page.locator('input[name="login"]').fill('nobody@example.com')
      await page.locator('input[name="password"]').fill('not the password')
      await page.locator('form button[type="submit"]').click()
      await page.getByRole('alert').waitFor()
    },
    expected: ['401'],
  },
  { name: 'join', path: '/join', ready: titled('Create an account', 'Создайте учётную запись') },
  {
    name: 'join-invited',
    path: once(invitation),
    ready: titled(`${LONG_NAME} invited you`, `${LONG_NAME} приглашает вас`),
  },
  {
    name: 'join-expired',
    path: '/join/HADITSDAY?state=expired',
    ready: async (page) => {
      await page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'join-refused',
    path: '/join',
    ready: refused('Write an e-mail address', 'Укажите адрес почты'),
    expected: ['422'],
  },
  { name: 'forgot', path: '/forgot', ready: titled('Forgotten password', 'Забыли пароль?') },
  {
    name: 'forgot-sent',
    path: '/forgot',
    ready: sent({ email: 'ann@example.com' }, titled('Look into your mailbox', 'Проверьте почту')),
  },
  {
    name: 'reset',
    path: '/reset#token=x',
    ready: titled('Set a new password', 'Задайте новый пароль'),
  },
  { name: 'reset-incomplete', path: '/reset', ready: INCOMPLETE },
  {
    name: 'reset-expired',
    path: '/reset#token=x',
    ready: sent({ password: 'seven quiet lanterns' }, EXPIRED),
    expected: ['410'],
  },
  {
    name: 'invite',
    path: '/invite#token=x',
    ready: titled('Welcome to Invitree', 'Добро пожаловать в Invitree'),
  },
  {
    name: 'verify',
    path: '/verify#token=x',
    ready: titled('Confirm your e-mail address', 'Подтвердите адрес почты'),
  },
  { name: 'verify-expired', path: '/verify#token=x', ready: sent({}, EXPIRED), expected: ['410'] },
  { name: 'setup', path: '/setup#token=x', ready: titled('Set up Invitree', 'Настройка Invitree') },
  { name: 'setup-incomplete', path: '/setup', ready: INCOMPLETE },
  {
    name: 'not-found',
    path: '/no/such/page',
    ready: titled('There is no such page', 'Такой страницы нет'),
    expected: ['404'],
  },
])
