import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createAccount, createCode, get, inHours, send } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { waitFor } from '../support/wait.ts'
import { DESKTOP, heading, reopen, settled, startPortal, visit } from './harness.ts'
import { createOwner, FAULT } from './referrer.fixture.ts'

const PASSWORD = 'seven quiet lanterns'
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] }

describe.skipIf(!hasBrowser)('my code', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!
  const { it } = portal ?? {}

  test('with the keyboard alone one registers, makes a code, copies the link and sees who came', async () => {
    const look = async (page: Page) => {
      await heading(page, 'Create an account')
      await tabTo(page, page.getByLabel('Username'))
      await page.keyboard.type('ann.keys')
      await page.keyboard.press('Tab')
      await page.keyboard.type('ann.keys@example.com')
      await page.keyboard.press('Tab')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')

      await heading(page, 'My code')
      await page.getByRole('button', { name: 'Create code' }).waitFor()
      await typeInto(page, 'n', 'ann-keys')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'ANN-KEYS' }).waitFor()

      const copy = page.getByRole('button', { name: 'Copy the link' })
      await expect.poll(() => isFocused(copy)).toBe(true)
      await page.keyboard.press('Enter')
      await page.getByText('The link is copied').waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/\/r\/ANN-KEYS$/)

      await createAccount(it, { username: 'bob.keys', referral_code: 'ann-keys' })
      await tabTo(page, page.getByRole('link', { name: 'Referrals' }))
      await page.keyboard.press('Enter')
      await heading(page, 'Referrals')
      await tabTo(page, page.getByRole('button', { name: 'bob.keys' }))
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: 'bob.keys' }).getByText('Still to come').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await expect.poll(() => isFocused(page.getByRole('button', { name: 'bob.keys' }))).toBe(true)
    }
    await visit(portal, '/join', look, { options: CLIPBOARD, viewport: DESKTOP })
  })

  test('the key c copies the link, and the device has its own way to share it', async () => {
    const owner = await createOwner(it, 500)
    const look = async (page: Page) => {
      await page.addInitScript('navigator.share = async (what) => { window.shared = what }')
      await page.reload()
      const link = await page.getByLabel('Your link').inputValue()
      await settled(page)
      await page.keyboard.press('c')
      await page.getByText('The link is copied').waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(link)
      await page.getByRole('button', { name: 'Share on this device' }).click()
      expect(await page.evaluate('window.shared')).toMatchObject({ url: link })
      for (const [name, host] of PLACES) {
        const href = await page.getByRole('link', { name }).getAttribute('href')
        expect(href).toContain(host)
        expect(decodeURIComponent(href!)).toContain(link)
      }
    }
    await visit(portal, '/', look, { as: owner, options: CLIPBOARD })
  })

  test('the picture to scan is saved as SVG and PNG, and alone on the paper', async () => {
    const owner = await createOwner(it, 500)
    const look = async (page: Page) => {
      for (const [name, ending, start] of [
        ['Save as SVG', '.svg', '<svg'],
        ['Save as PNG', '.png', '\u{fffd}PNG'],
      ] as const) {
        const download = page.waitForEvent('download')
        await page.getByRole('link', { name }).click()
        const file = await download
        expect(file.suggestedFilename()).toMatch(new RegExp(`^\\w{8}\\${ending}$`))
        const chunks: Buffer[] = []
        for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
        expect(Buffer.concat(chunks).toString().startsWith(start)).toBe(true)
      }
      await page.emulateMedia({ media: 'print' })
      await page.getByText('You are invited').waitFor()
      expect(await page.getByRole('heading', { name: 'My code' }).isVisible()).toBe(false)
      expect(await page.locator('[data-poster] img').isVisible()).toBe(true)
    }
    await visit(portal, '/', look, { as: owner })
  })

  test('whether a text is free is asked once one pauses, and not said where the service does not say', async () => {
    const owner = await createAccount(it)
    const asked: string[] = []
    const look = async (page: Page) => {
      page.on('request', (request) => {
        if (request.url().includes('/referrals/codes/')) asked.push(request.url())
      })
      const field = page.getByLabel('Your own text')
      await field.pressSequentially('free-text')
      await page.getByText('This text is free').waitFor()
      expect(asked).toEqual([`${portal.address}/api/v1/referrals/codes/FREE-TEXT/availability`])
      await field.fill('a b')
      await page.getByText('Use 4 to 32 letters').waitFor()
      expect(asked).toHaveLength(1)
      await page.route('**/availability', (route) => route.fulfill({ status: 429 }))
      await field.fill('other-text')
      const answered = page.waitForResponse('**/OTHER-TEXT/availability')
      await field.blur()
      await answered
      await page.getByText('If you like: 4 to 32 letters').waitFor()
    }
    await visit(portal, '/', look, { as: owner, expected: ['429'] })
  })

  test('a text that is taken after all is refused in its field', async () => {
    const owner = await createAccount(it)
    await createCode(it, await createAccount(it), { code: 'TAKEN-TEXT' })
    const look = async (page: Page) => {
      const field = page.getByLabel('Your own text')
      await field.fill('taken-text')
      await page.getByText('This text is taken').waitFor()
      await page.getByRole('button', { name: 'Create code' }).click()
      await page.getByText('Choose another text').waitFor()
      await expect.poll(() => isFocused(field)).toBe(true)
    }
    await visit(portal, '/', look, { as: owner, expected: ['409'] })
  })

  test('a code works until the date that is chosen, in the time zone of whoever chose it', async () => {
    const owner = await createAccount(it)
    const look = async (page: Page) => {
      await page.getByText('Date', { exact: true }).click()
      await page.getByLabel('Works until').fill('')
      await page.getByRole('button', { name: 'Create code' }).click()
      await page.getByText('Choose a date and a time').waitFor()
      await page.getByLabel('Works until').fill(`${NEXT_YEAR}-07-01T12:30`)
      await page.getByRole('button', { name: 'Create code' }).click()
      await page.getByText('Active', { exact: true }).waitFor()
      const code = (await get(it, '/api/v1/referrals/code', owner)).json()
      expect(code.expires_at).toBe(`${NEXT_YEAR}-07-01T10:30:00.000Z`)

      await page.getByRole('button', { name: 'Extend' }).click()
      await page.getByRole('dialog').getByText('7 days').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByText('Expires in 7 days').waitFor()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await visit(portal, '/', look, { as: owner })
  })

  test('the last three days are counted down, and at the end the code is struck through', async () => {
    const owner = await createOwner(it, 40)
    await visit(
      portal,
      '/',
      async (page) => {
        const left = page.getByText(/Expires in 1 d 15:/)
        await left.waitFor()
        const first = await left.textContent()
        await expect.poll(() => left.textContent()).not.toBe(first)
      },
      { as: owner },
    )
    const [{ code }] = (await get(it, '/api/v1/referrals/codes', owner)).json().items
    // Later each time that the machine is too slow for the moment still to come.
    for (let seconds = 4; ; seconds *= 2) {
      const payload = { expires_at: inHours(seconds / 3600) }
      const url = '/api/v1/referrals/code'
      const soon = await send(it, { method: 'PATCH', url, payload }, owner)
      if (soon.statusCode === 200) break
    }
    const look = async (page: Page) => {
      await page.locator('s', { hasText: code }).waitFor()
      await page.getByText('Expired on').waitFor()
      await typeInto(page, 'n', 'NEXT-ONE')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'NEXT-ONE' }).waitFor()
      await page.getByRole('heading', { name: 'All my codes' }).waitFor()
    }
    await visit(portal, '/', look, { as: owner })
  })

  async function deactivate(page: Page) {
    await page.getByRole('button', { name: 'Deactivate' }).click()
    await page.getByText('Switched off on').waitFor()
  }

  test('a code that is switched off can be taken back for six seconds, in which nothing is sent', async () => {
    const owner = await createOwner(it, 500)
    const isActive = async () =>
      (await get(it, '/api/v1/referrals/codes', owner)).json().items[0].is_active as boolean
    const look = async (page: Page) => {
      const sent: string[] = []
      page.on('request', (request) => sent.push(request.method()))
      await stopTime(page)
      await deactivate(page)
      await page.clock.runFor(1000)
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByRole('button', { name: 'Deactivate' }).waitFor()
      await page.clock.fastForward(10_000)
      expect(sent).not.toContain('DELETE')
      expect(await isActive()).toBe(true)

      await deactivate(page)
      await page.clock.runFor(1000)
      await page.getByRole('button', { name: 'Undo' }).waitFor()
      await page.clock.fastForward(4500)
      expect(sent).not.toContain('DELETE')
      await page.clock.fastForward(2000)
      await waitFor(async () => !(await isActive()))
    }
    await visit(portal, '/', look, { as: owner })
  })

  test.each([
    ['closing the page', (page: Page) => page.goto('about:blank')],
    ['signing out', (page: Page) => page.getByRole('button', { name: 'Sign out' }).click()],
  ])('%s sends at once what could still be taken back', async (_, leave) => {
    const owner = await createOwner(it, 500)
    const look = async (page: Page) => {
      await stopTime(page)
      await deactivate(page)
      await leave(page)
      const isActive = async () =>
        (await get(it, '/api/v1/referrals/codes', owner)).json().items[0].is_active
      await expect.poll(isActive).toBe(false)
    }
    await visit(portal, '/', look, { as: owner })
  })

  test('a new code in place of one that could still be taken back is the only active one', async () => {
    const owner = await createOwner(it, 500)
    const look = async (page: Page) => {
      await deactivate(page)
      await page.getByRole('button', { name: 'Create a new code' }).click()
      await page.getByRole('button', { name: 'Create code' }).click()
      await page.getByText('Active', { exact: true }).first().waitFor()
      await expect.poll(() => page.getByRole('button', { name: 'Undo' }).count()).toBe(0)
    }
    await visit(portal, '/', look, { as: owner })
    const { items } = (await get(it, '/api/v1/referrals/codes', owner)).json()
    expect(items.map((code: { is_active: boolean }) => code.is_active)).toEqual([true, false])
  })

  test('a part that could not be loaded says so in its place, and is tried again alone', async () => {
    const owner = await createOwner(it, 500)
    const look = async (page: Page) => {
      await reopen(page, '**/referrals/summary*', (route) => route.fulfill(FAULT))
      const panel = page.getByRole('region', { name: 'Last 30 days' })
      await panel.getByText('tell us the request_id').waitFor()
      await page.getByRole('button', { name: 'Deactivate' }).waitFor()
      await page.unroute('**/referrals/summary*')
      await panel.getByRole('button', { name: 'Try again' }).click()
      await panel.getByText('Clicks on your link').waitFor()
      await expect.poll(() => page.getByRole('alert').count()).toBe(0)
    }
    await visit(portal, '/', look, { as: owner, expected: ['500'] })
  })

  test('what was done after the session had ended leads to signing in and back', async () => {
    const owner = await createOwner(it, 500)
    const look = async (page: Page) => {
      await page.getByRole('button', { name: 'Extend' }).click()
      await page.getByRole('dialog').getByText('7 days').click()
      await it.ctx.db
        .updateTable('sessions')
        .set({ revoked_at: new Date() })
        .where('user_id', '=', owner.id)
        .execute()
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await heading(page, 'Sign in')
      await page.getByText('You were signed out, because the session ended').waitFor()
      await page.getByLabel('E-mail address or username').fill(owner.email)
      await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await heading(page, 'My code')
      await page.getByText('Expires in 21 days').waitFor()
      expect(new URL(page.url()).pathname).toBe('/')
    }
    await visit(portal, '/', look, { as: owner, expected: ['401', '401'] })
  })
})

const NEXT_YEAR = new Date().getFullYear() + 1

/** From now on no time passes on the page but what is told: what is done within seconds is never late. */
async function stopTime(page: Page): Promise<void> {
  await page.clock.install()
  await page.reload()
  await page.getByRole('button', { name: 'Deactivate' }).waitFor()
  await page.clock.pauseAt(Date.now() + 60_000)
}

/** Presses the key of a field and types into it. */
async function typeInto(page: Page, key: string, text: string): Promise<void> {
  await settled(page)
  await page.keyboard.press(key)
  await expect.poll(() => isFocused(page.getByLabel('Your own text'))).toBe(true)
  await page.keyboard.type(text)
}

const PLACES = [
  ['Telegram', 'https://t.me/share/url?'],
  ['WhatsApp', 'https://wa.me/?'],
  ['VK', 'https://vk.com/share.php?'],
  ['Share by X', 'https://x.com/intent/post?'],
  ['E-mail', 'mailto:?subject='],
] as const

const isFocused = (locator: Locator) =>
  locator.evaluate((element) => element === element.ownerDocument.activeElement)

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 40; presses++) {
    if (await isFocused(target)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${target.toString()}`)
}
