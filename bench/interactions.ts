import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { openEmbedded } from '../src/db/embedded.ts'
import { startBrowser } from '../test/support/browser.ts'
import { type Program, startService } from './programs.ts'

// How long it takes from a key or a click to the next picture, in Chromium with its processor slowed down
// four times, among 10,000 people. The goal is 200 ms.
const SLOWED = 4
const PEOPLE = 10_000
const ROUNDS = 5
const PASSWORD = 'seven quiet lanterns'
const say = (line: string) => void process.stderr.write(`${line}\n`)

interface Step {
  name: string
  path: string
  act: (page: Page) => Promise<unknown>
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()
const OF_REFERRER: Step[] = [
  { name: 'copy the link', path: '/', act: (page) => button(page, 'Copy').click() },
  { name: 'open the dialog to extend', path: '/', act: (page) => button(page, 'Extend').click() },
  {
    name: 'type into the search',
    path: '/referrals',
    act: (page) => page.getByRole('textbox').first().pressSequentially('an', { delay: 60 }),
  },
  {
    name: 'choose a status',
    path: '/referrals',
    act: (page) => button(page, /^Confirmed/).click(),
  },
]
const OF_ADMIN: Step[] = [
  { name: 'choose a period', path: '/admin', act: (page) => page.getByText('90 days').click() },
  {
    name: 'search 10,000 users',
    path: '/admin/users',
    act: (page) => page.getByRole('textbox').first().pressSequentially('ann', { delay: 60 }),
  },
  {
    name: 'turn the page of users',
    path: '/admin/users',
    act: (page) => button(page, /Next/).click(),
  },
]

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-bench-'))
  const database = await openEmbedded({ dataDir, purpose: 'serve', progress: say })
  const [referrer = '', admin = ''] = seed(database.url)
  const service = await startService(database.url, dataDir)
  const browser = await startBrowser()
  try {
    const rows = [
      ...(await measureAll({ service, browser }, referrer, OF_REFERRER)),
      ...(await measureAll({ service, browser }, admin, OF_ADMIN)),
    ]
    console.table(rows) // oxlint-disable-line no-console -- the table is what this program is for
  } finally {
    await browser.close()
    await service.stop()
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The addresses of a referrer and an administrator among the people that are made. */
function seed(url: string): string[] {
  const words = ['bin/invitree.js', 'seed', '--users', String(PEOPLE), '--password', PASSWORD]
  const env = { ...process.env, DATABASE_URL: url }
  const { stdout } = spawnSync(process.execPath, words, { env, encoding: 'utf8' })
  return stdout.match(/[\w.+-]+@example\.com/g) ?? []
}

interface Places {
  service: Program
  browser: Browser
}

async function measureAll({ service, browser }: Places, email: string, steps: Step[]) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  await context.request.post(`${service.address}/api/v1/auth/session`, {
    data: { email, password: PASSWORD },
    headers: { origin: service.address },
  })
  await context.addInitScript(`
    if (origin !== 'null') localStorage.setItem('invitree.signed-in', '1')
    window.waits = []
    new PerformanceObserver((list) => waits.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'event', durationThreshold: 16 })`)
  const rows: { step: string; 'median, ms': number; 'longest, ms': number }[] = []
  for (const { name, path, act } of steps) {
    const waits: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const page = await context.newPage()
      await page.goto(service.address + path)
      await page.waitForLoadState('networkidle')
      waits.push(await measure(page, act))
      await page.close()
    }
    const sorted = waits.toSorted((a, b) => a - b)
    rows.push({
      step: name,
      'median, ms': sorted[ROUNDS >> 1]!,
      'longest, ms': sorted.at(-1)!,
    })
  }
  await context.close()
  return rows
}

/** The longest wait of one interaction, as the browser itself reports it (Event Timing). */
async function measure(page: Page, act: Step['act']): Promise<number> {
  const debug = await page.context().newCDPSession(page)
  await debug.send('Emulation.setCPUThrottlingRate', { rate: SLOWED })
  await page.evaluate('waits.length = 0')
  await act(page)
  await sleep(1500)
  return page.evaluate<number>('Math.max(0, ...waits)')
}

await main()
