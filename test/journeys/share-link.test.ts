import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomes, written } from '../../src/links/links.fixture.ts'
import { createAccount, createCode, get, PASSWORD, startApp } from '../support/app.ts'
import { hasBrowser, startBrowser } from '../support/browser.ts'
import { whenDone } from '../support/cleanup.ts'
import { listen } from '../support/listen.ts'
import { findBroken } from '../support/rows.ts'

// As people's Chrome names itself: without a head it says so, and is a bot then.
const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

describe.runIf(hasBrowser)('in Chromium', () => {
  let browser: Browser
  let people: BrowserContext
  beforeAll(async () => void (browser = await startBrowser()))
  afterAll(() => browser.close())

  const start = async () => {
    const it = await startApp()
    const address = await listen(it)
    const ann = await createAccount(it, { username: 'ann' })
    const link = `${address}/r/${await createCode(it, ann)}`
    people = await browser.newContext({ userAgent: AGENT })
    return { it, ann, link, address }
  }

  test('what a page embeds or fetches ahead is no click; the link that a person follows is one', async () => {
    const { it, link } = await start()
    const shown = `<!doctype html><img src="${link}?img"><iframe src="${link}?iframe"></iframe>
      <link rel="prefetch" href="${link}?link"><script src="${link}?script"></script>
      <script type="speculationrules">${JSON.stringify({
        prefetch: [{ urls: [`${link}?ahead`], eagerness: 'immediate' }],
        prerender: [{ urls: [`${link}?prerender`], eagerness: 'immediate' }],
      })}</script>
      <script>fetch('${link}?fetch', { mode: 'no-cors' }); navigator.sendBeacon('${link}?beacon')</script>
      <a id="link" href="${link}?ahead">Join</a>`
    const site = await serve(shown)
    const page = await people.newPage()
    await page.goto(site)
    const told = () => outcomes(it)
    // The image, the frame, the script and the request; the three that are fetched ahead.
    await expect.poll(async () => (await told())['embedded']).toBe(4)
    await expect.poll(async () => (await told())['ahead'] ?? 0).toBeGreaterThanOrEqual(2)
    expect(await written(it)).toBe(0)
    await page.click('#link')
    await page.waitForURL('**/join/**')
    expect(await written(it)).toBe(1)
    await page.goto(link)
    await page.reload()
    expect(await written(it)).toBe(1)
    expect(await findBroken(it)).toEqual([])
  })

  test('who opens their own link and registers a second account is not credited with it', async () => {
    const { it, ann, link, address } = await start()
    const page = await people.newPage()
    await page.goto(`${address}/docs/errors`)
    const post = (path: string, body: object) =>
      page.evaluate(
        async ([url, json]) => {
          const headers = { 'content-type': 'application/json' }
          const answer = await fetch(url!, { method: 'POST', headers, body: json! })
          return (await answer.json()) as { id: string; referred_by: object | null }
        },
        [`/api/v1${path}`, JSON.stringify(body)],
      )
    await post('/auth/login', { email: ann.email, password: PASSWORD })
    await page.goto(link)
    await page.goto(`${address}/docs/errors`)
    const second = await post('/auth/register', { email: 'second@example.com', password: PASSWORD })
    const explained = (await get(it, `/api/v1/referrals/${second.id}/explanation`, ann)).json()
    expect(explained).toMatchObject({
      status: 'refused',
      reason: 'self_referral_device',
      rule: 'first_touch',
    })
    const pending = await get(it, '/api/v1/users/me/referrals?status=pending', ann)
    expect(pending.json().total).toBe(0)
    const cookies = await people.cookies(address)
    expect(cookies.find(({ name }) => name === 'invitree_visitor')).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
    })
    expect(await findBroken(it)).toEqual([])
  })
})

/** Another site, which shows this page. */
async function serve(html: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  whenDone(() => server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
