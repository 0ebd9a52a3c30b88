import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { heading, PHONE, startPortal, visit } from './harness.ts'
import { createReferrer } from './referrer.fixture.ts'

const FOLDER = join(import.meta.dirname, '../../docs/images')
const isWanted = Boolean(process.env['UPDATE_SCREENSHOTS'])

describe.skipIf(!isWanted)('with UPDATE_SCREENSHOTS the pictures of the README', async () => {
  const env = { PUBLIC_URL: 'http://go.example.com' }
  const portal = isWanted ? await startPortal(env) : undefined!
  const ann = isWanted ? await createReferrer(portal.it) : undefined!

  test.each([
    ['my-code', '/', 'My code', { width: 1280, height: 780 }],
    ['my-code-phone', '/', 'My code', PHONE],
    ['referrals', '/referrals', 'Referrals', { width: 1280, height: 780 }],
  ])('%s is taken again', async (name, path, title, viewport) => {
    const options = { deviceScaleFactor: 1.5, isMobile: viewport === PHONE }
    const look = async (page: Page) => {
      await heading(page, title)
      await page.getByText('clara.jensen', { exact: true }).waitFor()
      await page.waitForLoadState('networkidle')
      await mkdir(FOLDER, { recursive: true })
      const picture = await page.screenshot({ path: join(FOLDER, `${name}.png`) })
      expect(picture.length).toBeGreaterThan(10_000)
    }
    await visit(portal, path, look, { as: ann, viewport, options })
  })
})
