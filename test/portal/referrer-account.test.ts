import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type Account, createAccount, createCode, get, PASSWORD } from '../support/app.ts'
import { hasBrowser } from '../support/browser.ts'
import { insertReferrals } from '../support/rows.ts'
import { DESKTOP, heading, settled, startPortal, visit } from './harness.ts'
import { createReferrer } from './referrer.fixture.ts'

const NEW_PASSWORD = 'seven quiet lanterns'

describe.skipIf(!hasBrowser)('my referrals and my account', async () => {
  const portal = hasBrowser ? await startPortal() : undefined!
  const { it } = portal ?? {}

  test('referrals are searched and filtered in the address, and going back leads back', async () => {
    const ann = await createReferrer(it, 'ann.search')
    const look = async (page: Page) => {
      const rows = page.getByRole('row')
      await expect.poll(() => rows.count()).toBe(13)
      await page.getByRole('button', { name: 'Pending 3' }).click()
      await expect.poll(() => rows.count()).toBe(4)
      await expect.poll(() => new URL(page.url()).search).toBe('?status=pending')
      await settled(page)
      await page.keyboard.press('/')
      await page.keyboard.type('clara')
      await expect.poll(() => rows.count()).toBe(2)
      await expect.poll(() => new URL(page.url()).search).toBe('?status=pending&q=clara')
      await page.reload()
      await expect.poll(() => rows.count()).toBe(2)
      const search = page.getByLabel('Search by name or address')
      await expect.poll(() => search.inputValue()).toBe('clara')
      await page.goBack()
      await expect.poll(() => rows.count()).toBe(13)
      await expect.poll(() => search.inputValue()).toBe('')
      await search.fill('no such friend')
      await page.getByRole('button', { name: 'Show everybody' }).click()
      await expect.poll(() => rows.count()).toBe(13)
    }
    await visit(portal, '/referrals', look, { as: ann, viewport: DESKTOP })
  })

  test('the old rows stay while the next page loads', async () => {
    const ann = await createAccount(it)
    const code = await createCode(it, ann)
    const names = Array.from({ length: 23 }, (_, n) => ({ username: `friend-${n}` }))
    await insertReferrals(it, code, names)
    const look = async (page: Page) => {
      await page.getByText('1–20 of 23').waitFor()
      let goOn = () => {}
      const held = new Promise<void>((resolve) => (goOn = resolve))
      await page.route('**/referrals?*page=2*', async (route) => {
        await held
        await route.continue()
      })
      await page.getByRole('button', { name: 'Next' }).click()
      await page.locator('[aria-busy="true"]').waitFor()
      expect(await page.getByText('friend-22', { exact: true }).isVisible()).toBe(true)
      goOn()
      await page.getByText('21–23 of 23').waitFor()
      await page.getByText('friend-0', { exact: true }).waitFor()
      await expect.poll(() => new URL(page.url()).search).toBe('?page=2')
    }
    await visit(portal, '/referrals', look, { as: ann })
  })

  test('the file holds the referrals of the status that is chosen', async () => {
    const ann = await createReferrer(it, 'ann.file')
    const look = async (page: Page) => {
      await page.getByText('nadia.haddad').first().waitFor()
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save as CSV' }).click()
      const file = await download
      expect(file.suggestedFilename()).toBe('referrals-review.csv')
      const lines = (await textOf(file)).trim().split('\r\n')
      expect(lines).toHaveLength(2)
      expect(lines[1]).toContain('nadia')
    }
    await visit(portal, '/referrals?status=review', look, { as: ann })
  })

  test('only what was changed of the profile is sent, and what others wrote is shown as text', async () => {
    const ann = await createAccount(it, { username: 'ann.profile' })
    const name = '<img src=x onerror=alert(1)>'
    await it.ctx.db.updateTable('users').set({ name }).where('id', '=', ann.id).execute()
    const look = async (page: Page) => {
      const field = page.getByLabel('Name', { exact: true })
      await expect.poll(() => field.inputValue()).toBe(name)
      await page.getByLabel('Company').fill(' Lee & Sons ')
      const sent = page.waitForRequest((request) => request.method() === 'PATCH')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      expect((await sent).postDataJSON()).toEqual({ company: 'Lee & Sons' })
      await page.getByText('Your profile is saved').waitFor()
      await page.getByLabel('Username').fill('')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await expect
        .poll(async () => (await get(it, '/api/v1/users/me', ann)).json())
        .toMatchObject({
          username: null,
          name,
          company: 'Lee & Sons',
        })
    }
    await visit(portal, '/account', look, { as: ann })
  })

  test('the language is spoken at once, and by the mails', async () => {
    const ann = await createAccount(it)
    const look = async (page: Page) => {
      await page.getByRole('combobox', { name: 'Language' }).selectOption('ru')
      await heading(page, 'Профиль')
      await expect
        .poll(async () => (await get(it, '/api/v1/users/me', ann)).json().locale)
        .toBe('ru')
    }
    await visit(portal, '/account', look, { as: ann })
  })

  test('a new password needs the current one, tried once, and signs out every other device', async () => {
    const ann = await createAccount(it)
    const look = async (page: Page) => {
      const tried: string[] = []
      page.on('request', (request) => {
        if (request.url().endsWith('/change-password')) tried.push(request.method())
      })
      await page.getByRole('button', { name: 'Sign out all other devices' }).waitFor()
      await page.getByLabel('Current password').fill('not the password')
      await page.getByLabel('New password').fill(NEW_PASSWORD)
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('Send the password that you sign in with now').waitFor()
      expect(tried).toEqual(['POST'])
      await page.getByLabel('Current password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('The password is changed').waitFor()
      await expect.poll(() => page.getByLabel('New password').inputValue()).toBe('')
      await page
        .getByRole('button', { name: 'Sign out all other devices' })
        .waitFor({ state: 'detached' })
      await page.getByText('Password changed').waitFor()
    }
    await visit(portal, '/account', look, { as: ann, expected: ['401'] })
  })

  test('another device is signed out, and the account says that it was', async () => {
    const ann = await createAccount(it)
    const look = async (page: Page) => {
      await page.getByRole('button', { name: 'Sign out lightMyRequest' }).click()
      await page.getByText('The device is signed out').waitFor()
      await page.getByText('Device signed out', { exact: true }).waitFor()
      const devices = page.getByRole('region', { name: 'Devices' })
      await expect.poll(() => devices.getByRole('listitem').count()).toBe(1)
    }
    await visit(portal, '/account', look, { as: ann })
  })

  test('everything that is held can be taken away', async () => {
    const ann = await createAccount(it)
    const look = async (page: Page) => {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Download my data' }).click()
      const held = JSON.parse(await textOf(await download))
      expect(held.profile.email).toBe(ann.email)
    }
    await visit(portal, '/account', look, { as: ann })
  })

  async function erase(page: Page, { email }: Account, password?: string) {
    await page.getByRole('button', { name: 'Delete my account' }).click()
    const dialog = page.getByRole('dialog')
    const button = dialog.getByRole('button', { name: 'Delete for ever' })
    await dialog.getByLabel('to go on').fill('somebody@else.example')
    await expect.poll(() => button.isDisabled()).toBe(true)
    await dialog.getByLabel('to go on').fill(email.toUpperCase())
    const field = dialog.getByLabel('Your last sign-in was some time ago')
    await expect.poll(() => field.count()).toBe(password === undefined ? 0 : 1)
    if (password !== undefined) await field.fill(password)
    await button.click()
    return dialog
  }

  test('an account is deleted once its address is typed, and the last word is ours', async () => {
    const ann = await createAccount(it)
    const look = async (page: Page) => {
      await erase(page, ann)
      await heading(page, 'Your account is deleted')
      expect((await page.context().cookies()).map(({ name }) => name)).not.toContain(
        'invitree_session',
      )
      await page.goto(`${portal.address}/account`)
      await heading(page, 'Sign in')
    }
    // The browser still thinks that it is signed in, and is told that it is not.
    await visit(portal, '/account', look, { as: ann, expected: ['401'] })
  })

  test('a sign-in of some time ago is asked for the password, and a wrong one deletes nothing', async () => {
    const ann = await createAccount(it)
    const look = async (page: Page) => {
      const created_at = new Date(Date.now() - 15 * 60_000)
      await it.ctx.db
        .updateTable('sessions')
        .set({ created_at })
        .where('user_id', '=', ann.id)
        .execute()
      await page.reload()
      await page.getByText('This device').waitFor()
      const dialog = await erase(page, ann, 'not the password')
      await dialog.getByRole('alert').getByText('Check the e-mail address').waitFor()
      await dialog.getByLabel('Your last sign-in was some time ago').fill(PASSWORD)
      await dialog.getByRole('button', { name: 'Delete for ever' }).click()
      await heading(page, 'Your account is deleted')
    }
    await visit(portal, '/account', look, { as: ann, expected: ['401'] })
    expect((await get(it, '/api/v1/users/me', ann)).statusCode).toBe(401)
  })
})

async function textOf(file: { createReadStream: () => Promise<NodeJS.ReadableStream> }) {
  const chunks: Buffer[] = []
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
