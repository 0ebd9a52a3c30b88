import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createAccount, createCode } from '../support/app.ts'
import { heading, startPortal, visit } from './harness.ts'

const FOLDER = join(import.meta.dirname, '../../docs/images')
const isWanted = Boolean(process.env['UPDATE_SCREENSHOTS'])

describe.skipIf(!isWanted)('with UPDATE_SCREENSHOTS the pictures of the README', async () => {
  const portal = isWanted ? await startPortal() : undefined!

  test('join is taken again', async () => {
    const ann = await createAccount(portal.it, { username: 'Ann' })
    const code = await createCode(portal.it, ann, { code: 'ANN-2027' })
    const look = async (page: Page) => {
      await heading(page, 'Ann invited you')
      await page.getByText('The code of Ann').waitFor()
      await page.getByLabel('Username').fill('ben.okafor')
      await page.getByLabel('E-mail address').fill('ben.okafor@example.com')
      await page.getByLabel('Password', { exact: true }).fill('seven quiet lanterns')
      await page.getByText('Strong').waitFor()
      const picture = await page.screenshot({ path: join(FOLDER, 'join.png') })
      expect(picture.length).toBeGreaterThan(10_000)
    }
    const viewport = { width: 1280, height: 780 }
    await visit(portal, `/join/${code}`, look, { viewport, options: { deviceScaleFactor: 1.5 } })
  })
})
