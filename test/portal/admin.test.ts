import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { textOf } from '../../portal/src/admin/mail-text.ts'
import { auditWords } from '../../src/words/admin-audit.ts'
import { ACTIONS } from '../../src/audit/schemas.ts'
import { type Account, createAccount, createCode } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { insertUsers } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'
import { ABUSER, CHAIN, createAdministrator, insertAbuse } from './admin.fixture.ts'
import { DESKTOP, heading, PHONE, settled, startPortal, visit } from './harness.ts'

test('everything that is written down has a sentence in both languages', () => {
  for (const words of [auditWords.en, auditWords.ru]) {
    const told = Object.keys(words).filter((key) => key.includes('.'))
    expect(told.toSorted()).toEqual([...ACTIONS].toSorted())
  }
})

test('a mail is shown as its plain text, whichever way it was packed', () => {
  const lines = (...all: string[]) => all.join('\r\n')
  const plain = lines('Subject: x', '', 'Hello')
  expect(textOf(plain)).toBe('Hello')
  const packed = lines(
    'Content-Type: multipart/alternative;',
    ' boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '=D0=9F=D1=80=D0=B8=D0=B2=D0=B5=D1=82, a=3Db and a long=',
    ' line',
    '--b',
    'Content-Type: text/html',
    '',
    '<script>alert(1)</script>',
    '--b--',
  )
  expect(textOf(packed)).toBe('Привет, a=b and a long line')
})

describe.skipIf(!hasBrowser)('an administrator in a browser', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!
  const { it } = portal ?? {}
  const nora = hasBrowser ? await createAdministrator(it) : undefined!
  if (hasBrowser) await insertAbuse(it)

  const look = (path: string, work: (page: Page) => Promise<unknown>, as: Account = nora) =>
    visit(portal, path, work, { as, viewport: DESKTOP })

  test('finds an abuse, looks at the chain, blocks, and sees it in the audit', () =>
    look('/admin/users', async (page) => {
      await heading(page, 'Users')
      await settled(page)
      await page.keyboard.press('/')
      await page.keyboard.type('free-money')
      await page.waitForURL(/q=free-money/)
      await page.getByRole('link', { name: ABUSER, exact: true }).click()
      await heading(page, ABUSER)
      const chain = page.getByRole('region', { name: 'Who brought them' })
      await expect
        .poll(() => chain.getByRole('listitem').allInnerTexts())
        .toEqual([ABUSER, expect.stringContaining(CHAIN[0]!), expect.stringContaining(CHAIN[1]!)])
      await page.getByRole('button', { name: 'Block' }).click()
      await page.getByLabel('Reason').fill('One person with many accounts')
      await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()
      await page.getByText('One person with many accounts').waitFor()
      await page
        .getByRole('region', { name: 'What happened' })
        .getByText('The user was blocked')
        .waitFor()

      await page.getByRole('link', { name: 'Audit' }).click()
      await heading(page, 'Audit')
      const row = page.getByRole('row', { name: 'The user was blocked' })
      await row.getByRole('link', { name: ABUSER }).waitFor()
      await row.getByRole('link', { name: 'nora.berg' }).waitFor()
    }))

  test('decides on what waits for review, with a reason', () =>
    look('/admin/referrals?status=review', async (page) => {
      const row = page.getByRole('row', { name: 'm.frost.9' })
      await row.getByRole('button', { name: 'Refuse' }).click()
      await page.getByLabel('Reason').selectOption('duplicate')
      await page.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click()
      await row.waitFor({ state: 'detached' })
      await page
        .getByRole('row', { name: 'm.frost.8' })
        .getByRole('button', { name: 'Let' })
        .click()
      await page.getByRole('dialog').getByRole('button', { name: 'Let it count' }).click()
      await page.getByRole('row', { name: 'm.frost.8' }).waitFor({ state: 'detached' })
      const refused = { status: 'refused', reason: 'duplicate' }
      await expect.poll(() => statusOf('m.frost.9')).toEqual(refused)
      await expect.poll(async () => (await statusOf('m.frost.8')).status).toBe('pending')
    }))

  test('walks through the tree with the keyboard, and what is open is in the picture', () =>
    look('/admin/referrals?view=tree', async (page) => {
      const tree = page.getByRole('tree')
      const active = () => tree.locator('[aria-selected="true"]')
      await tree.focus()
      await page.keyboard.press('Home')
      const root = page.getByRole('treeitem', { name: CHAIN[1]! })
      await expect.poll(() => root.getAttribute('aria-expanded')).toBe('false')
      await page.keyboard.press('ArrowRight')
      await page.getByRole('treeitem', { name: CHAIN[0]! }).waitFor()
      await page.keyboard.press('ArrowRight')
      await expect.poll(() => active().innerText()).toContain(CHAIN[0])
      expect(await active().getAttribute('aria-level')).toBe('2')
      await page.keyboard.press('ArrowRight')
      await page.getByRole('treeitem', { name: ABUSER }).waitFor()
      await page.keyboard.press('End')
      await expect.poll(() => active().innerText()).toContain(ABUSER)
      expect(await active().innerText()).toContain('9 direct, 9 in all')
      await page.keyboard.press('ArrowLeft')
      await expect.poll(() => active().innerText()).toContain(CHAIN[0])
      await page.keyboard.press('ArrowLeft')
      await page.getByRole('treeitem', { name: ABUSER }).waitFor({ state: 'detached' })
      await page.getByText('2 people shown').waitFor()

      await page.getByText('Picture', { exact: true }).click()
      const picture = page.getByRole('application')
      await picture.focus()
      await page.locator('output[aria-busy="false"]').waitFor()
      const before = await drawnAtRest(page)
      await page.keyboard.press('+')
      await waitFor(async () => (await drawn(page)) !== before)
      await page.keyboard.press('0')
      await waitFor(async () => (await drawn(page)) === before)
      await page.getByText('2 people shown').waitFor()
    }))

  test('extends a code and switches it off', async () => {
    const owner = await createAccount(it, { username: 'oscar.lane' })
    const code = await createCode(it, owner, { code: 'OSCAR-LANE' })
    await look('/admin/codes?q=oscar-lane', async (page) => {
      await page.getByRole('button', { name: 'Extend' }).click()
      await page.getByLabel('Works until').fill(`${NEXT_YEAR}-05-01T12:00`)
      await page.getByRole('dialog').getByRole('button', { name: 'Extend' }).click()
      await page.getByText(`May 1, ${NEXT_YEAR}`).first().waitFor()
      await page.getByRole('button', { name: 'Switch off' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
      await page.getByRole('table').getByText('Switched off').waitFor()
    })
    const found = await it.ctx.db
      .selectFrom('referral_codes')
      .select('retired_at')
      .where('code', '=', code)
      .executeTakeFirstOrThrow()
    expect(found.retired_at).not.toBeNull()
  })

  test('turns the pages of a long list, there and back', async () => {
    await insertUsers(it, 40)
    await look('/admin/users', async (page) => {
      const table = page.getByRole('table')
      await table.waitFor()
      const names = () => table.getByRole('link').allInnerTexts()
      await expect.poll(async () => (await names()).length).toBeGreaterThan(1)
      const first = await names()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.waitForURL(/cursor=/)
      await expect.poll(names).not.toEqual(first)
      await page
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('button', { name: 'Back' })
        .click()
      await expect.poll(names).toEqual(first)
    })
  })

  test('sends a test mail and reads it in the outbox, as text', () =>
    look('/admin/system', async (page) => {
      await page.getByRole('button', { name: 'Send me a test mail' }).click()
      await page.getByText('The mail is on its way').waitFor()
      const mail = page
        .getByRole('region', { name: 'Outbox' })
        .getByRole('button', { name: nora.email })
      await waitFor(async () => {
        await page.reload()
        await mail.first().waitFor()
        return true
      })
      await mail.first().click()
      await page.getByRole('dialog').getByText('Invitree').first().waitFor()
      expect(await page.getByRole('dialog').locator('a, img, iframe').count()).toBe(0)
    }))

  test('whoever is no administrator finds no such page', async () => {
    const ann = await createAccount(it)
    for (const path of ['/admin', '/admin/users', `/admin/users/${nora.id}`, '/admin/audit']) {
      const inspect = async (page: Page) => {
        await heading(page, 'There is no such page')
        expect(await page.getByText('Administration').count()).toBe(0)
      }
      await look(path, inspect, ann)
    }
  })

  test('on a phone the row of pages shows the one that is open', () =>
    visit(
      portal,
      '/admin/system',
      async (page) => {
        await heading(page, 'System')
        const here = page.locator('nav a[aria-current="page"]', { hasText: 'System' })
        const isShown = async () => {
          const box = await here.filter({ visible: true }).boundingBox()
          return box !== null && box.x >= 0 && box.x + box.width <= PHONE.width
        }
        await expect.poll(isShown).toBe(true)
      },
      { as: nora },
    ))

  test('somebody who is not there, or whose session has ended', async () => {
    const missing = '/admin/users/01936f40-11aa-7c2b-8d3e-5f6071829304'
    await visit(portal, missing, (page) => heading(page, 'There is no such page'), {
      as: nora,
      expected: ['404'],
    })
    await visit(portal, '/admin/audit', async (page) => {
      await heading(page, 'Sign in')
      await page.getByLabel('E-mail address or username').fill(nora.email)
      await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await heading(page, 'Audit')
      expect(new URL(page.url()).pathname).toBe('/admin/audit')
    })
  })

  async function statusOf(username: string) {
    return it.ctx.db
      .selectFrom('referrals')
      .innerJoin('users', 'users.id', 'referrals.user_id')
      .select(['referrals.status', 'referrals.reason'])
      .where('users.username', '=', username)
      .executeTakeFirstOrThrow()
  }
})

const NEXT_YEAR = new Date().getFullYear() + 1

const drawn = (page: Page) =>
  page.evaluate<string>("document.querySelector('canvas').toDataURL().slice(-4000)")

/** What is drawn, once it has come to rest. */
async function drawnAtRest(page: Page): Promise<string> {
  for (;;) {
    const before = await drawn(page)
    await settled(page)
    await page.waitForTimeout(100)
    if ((await drawn(page)) === before) return before
  }
}
