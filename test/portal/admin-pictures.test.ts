import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { filled } from './admin.fixture.ts'
import { heading, startPortal, visit } from './harness.ts'

const FOLDER = join(import.meta.dirname, '../../docs/images')
const isWanted = Boolean(process.env['UPDATE_SCREENSHOTS'])

describe.skipIf(!isWanted)('with UPDATE_SCREENSHOTS the pictures of the README', async () => {
  const portal = isWanted ? await startPortal() : undefined!
  const nora = isWanted ? await filled()(portal) : undefined!

  const take = (
    path: string,
    theme: 'light' | 'dark',
    inspect: (page: Page) => Promise<string>,
  ) => {
    const look = async (page: Page) => {
      const name = await inspect(page)
      await page.waitForLoadState('networkidle')
      await mkdir(FOLDER, { recursive: true })
      await page.screenshot({ path: join(FOLDER, `${name}.png`) })
    }
    const options = { deviceScaleFactor: 1.5, reducedMotion: 'reduce' as const }
    return visit(portal, path, look, {
      as: nora,
      theme,
      viewport: { width: 1280, height: 860 },
      options,
    })
  }

  test('overview is taken again', async () => {
    await take('/admin', 'dark', async (page) => {
      await heading(page, 'Overview')
      await page.locator('svg[role="img"]').waitFor()
      return 'overview'
    })
    expect(await sizeOf('overview')).toBeGreaterThan(10_000)
  })

  test('tree is taken again', async () => {
    const { referrer_id } = await portal.it.ctx.db
      .selectFrom('referrals')
      .select('referrer_id')
      .groupBy('referrer_id')
      .orderBy(({ fn }) => fn.countAll(), 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    await take(`/admin/referrals?view=picture&root=${referrer_id}`, 'light', async (page) => {
      await page.getByRole('application').waitFor()
      const more = page.getByRole('button', { name: 'Open a level' })
      for (let level = 0; level < 5 && (await more.isEnabled()); level++) {
        await more.click()
        await page.locator('output[aria-busy="false"]').waitFor()
      }
      return 'tree'
    })
    expect(await sizeOf('tree')).toBeGreaterThan(10_000)
  })
})

const sizeOf = async (name: string) => (await stat(join(FOLDER, `${name}.png`))).size
