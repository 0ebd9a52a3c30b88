import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const executablePath = await findOnPath('chromium')
if (!executablePath && process.env['CI']) throw new Error('CI needs chromium on the PATH')

/** Whether there is a Chromium on the PATH; what needs one is skipped elsewhere. */
export const hasBrowser = executablePath !== undefined

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath!, args: FLAGS })

/** Collects errors in the console and in scripts, violated policies and requests to any other host. */
export function listenForComplaints(context: BrowserContext, address: string): string[] {
  const complaints: string[] = []
  // A violated policy is reported in the console as an error too.
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.text()} ${message.location().url}`)
  })
  context.on('weberror', (error) => complaints.push(`page error: ${error.error().message}`))
  context.on('request', (request) => {
    const own = ['data:', 'blob:', `${address}/`].some((start) => request.url().startsWith(start))
    if (!own) complaints.push(`asked another host: ${request.url()}`)
  })
  return complaints
}

async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name)
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return undefined
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
