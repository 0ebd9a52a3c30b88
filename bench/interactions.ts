import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { withScratchDatabase } from '../src/db/scratch.ts'
import { startBrowser } from '../test/support/browser.ts'
import { type Screen, SCREENS, type Step } from './interaction-screens.ts'
import { startService } from './programs.ts'
import { median } from './statistics.ts'

// How long the portal takes from a key or a click to the next picture, in Chromium with its processor slowed
// down, among many people. Words name the screens, such as `node bench/interactions.ts users tree`.
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    slowed: { type: 'string', default: '4' },
    people: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
  },
})
const ROUNDS = Number(options.rounds)
const PASSWORD = 'seven quiet lanterns'
// One longer than this is no interaction but a step that waits for nothing.
const PATIENCE_MS = 20_000

interface Row {
  screen: string
  step: string
  /** Milliseconds of each round: to the next picture, or between two pictures of a movement. */
  waits: number[]
}

async function main(): Promise<void> {
  const screens = SCREENS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-bench-'))
  try {
    await withScratchDatabase(process.env['DATABASE_URL'], async (databaseUrl) => {
      const people = await seed(databaseUrl, dataDir)
      const service = await startService(databaseUrl, dataDir)
      const browser = await startBrowser()
      process.stdout.write('| screen | step | median, ms | longest, ms |\n|---|---|---|---|\n')
      for (const screen of screens) {
        report(await measureScreen({ browser, address: service.address, people }, screen))
      }
      await browser.close()
      await service.stop()
    })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface People {
  referrer: string
  admin: string
  code: string
}

/** Makes the people, and says who can be signed in as. */
async function seed(databaseUrl: string, dataDir: string): Promise<People> {
  const words = ['bin/invitree.js', 'seed', '--users', options.people, '--password', PASSWORD]
  const child = spawn(process.execPath, words, {
    env: { ...process.env, DATABASE_URL: databaseUrl, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const [, referrer, code, admin] =
    /(\S+@\S+), a referrer with the code (\S+)\n\s+(\S+@\S+), an/.exec(said) ?? []
  if (!referrer || !code || !admin) throw new Error(`Seeding said: ${said}`)
  return { referrer, code, admin }
}

interface Place {
  browser: Browser
  address: string
  people: People
}

async function measureScreen(
  { browser, address, people }: Place,
  { name, as, path, steps }: Screen,
): Promise<Row[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  if (as) await signIn(context, address, people[as])
  await context.addInitScript(WATCH)
  const rows = steps.map((step): Row => ({ screen: name, step: step.name, waits: [] }))
  for (let round = 0; round < ROUNDS; round++) {
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(address + path.replace('{code}', people.code))
    await page.waitForLoadState('networkidle')
    const session = await context.newCDPSession(page)
    for (const [index, step] of steps.entries()) {
      rows[index]!.waits.push(await measureStep({ page, session }, step))
    }
    await page.close()
  }
  await context.close()
  return rows
}

async function signIn(context: BrowserContext, address: string, email: string): Promise<void> {
  await context.request.post(`${address}/api/v1/auth/session`, {
    data: { email, password: PASSWORD },
    headers: { origin: address },
  })
  await context.addInitScript("localStorage.setItem('invitree.signed-in', '1')")
}

// What the browser reports of keys and clicks (Event Timing; it rounds to 8 ms and leaves out what is below 16),
// and when each picture came.
const WATCH = `
  window.waits = []
  window.pictures = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) waits.push(entry.duration)
  }).observe({ type: 'event', durationThreshold: 16 })
  const watch = (at) => {
    pictures.push(at)
    requestAnimationFrame(watch)
  }
  requestAnimationFrame(watch)
  // From the click to the picture with other rows: the answer of the service is in it.
  window.otherRows = () => {
    const first = () => document.querySelector('[aria-busy=false] tbody tr')?.textContent
    const before = first()
    window.rowsShown = new Promise((done) => addEventListener('click', ({ timeStamp }) => {
      const look = () => {
        const now = first()
        if (!now || now === before) requestAnimationFrame(look)
        else requestAnimationFrame(() => done(performance.now() - timeStamp))
      }
      look()
    }, { once: true, capture: true }))
  }
  window.settled = () => new Promise((done) => setTimeout(() => requestIdleCallback(done), 250))`

async function measureStep(
  { page, session }: { page: Page; session: CDPSession },
  { name, prepare, act, measures = 'wait' }: Step,
): Promise<number> {
  try {
    await prepare?.(page)
    await page.evaluate('settled()')
    await session.send('Emulation.setCPUThrottlingRate', { rate: Number(options.slowed) })
    await page.evaluate('waits.length = pictures.length = 0; otherRows()')
    await act(page)
    await page.evaluate('settled()')
    return await page.evaluate<number>(READINGS[measures])
  } catch (error) {
    process.stderr.write(`The step "${name}" did not work: ${String(error)}\n`)
    return Number.NaN
  } finally {
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  }
}

const READINGS = {
  wait: 'Math.max(0, ...waits)',
  // Of the time between two pictures, what 95 of 100 keep to.
  pictures: `(() => {
    const gaps = pictures.slice(1).map((at, index) => at - pictures[index]).sort((a, b) => a - b)
    return gaps[Math.ceil(gaps.length * 0.95) - 1] ?? 0
  })()`,
  rows: 'rowsShown',
}

function report(rows: Row[]): void {
  for (const { screen, step, waits } of rows) {
    const [middle, longest] = [median(waits), Math.max(...waits)].map(Math.round)
    process.stdout.write(`| ${screen} | ${step} | ${middle} | ${longest} |\n`)
  }
}

await main()
