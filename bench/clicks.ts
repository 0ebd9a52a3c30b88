import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import autocannon from 'autocannon'
import pg from 'pg'
import { openEmbedded } from '../src/db/embedded.ts'
import { newId } from '../src/lib/ids.ts'
import { type Program, startService } from './programs.ts'
import { prepareReferrer } from './referrer.ts'

// A flood of clicks, each by another visitor, beside people who register: what it costs them, and the memory.
// `--rate` clicks a second for `--seconds`; `--quick` is 1,000 for 10.
const option = (name: string, otherwise: number) =>
  Number(process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise)
const quick = process.argv.includes('--quick')
const RATE = option('rate', quick ? 1000 : 5000)
const SECONDS = option('seconds', quick ? 10 : 60)

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-bench-'))
  const given = process.env['DATABASE_URL']
  const database = given
    ? { url: given, stop: async () => {} }
    : await openEmbedded({ dataDir, purpose: 'serve', progress: say })
  const service = await startService(database.url, dataDir, { TRUST_PROXY: '1' })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const counted = async () =>
    Number(
      (await client.query('select coalesce(sum(clicks), 0) as n from overall_figures')).rows[0].n,
    )
  try {
    const { code } = await prepareReferrer(service.address, 3)
    const url = `${service.address}/r/${code}`
    await flood({ url, rate: RATE / 5, seconds: 2 })
    await sleep(2000)
    const [quiet, before] = [await registrations(service, code, SECONDS / 3), await counted()]
    const resident = watchMemory(service)
    const [answered, busy] = await Promise.all([
      flood({ url, rate: RATE, seconds: SECONDS }),
      registrations(service, code, SECONDS),
    ])
    const memory = await resident()
    await sleep(3000)
    const figures = {
      'clicks answered, a second': Math.round(answered / SECONDS),
      'clicks answered': answered,
      'clicks in the database': (await counted()) - before,
      'registration p50 and p99 alone, ms': `${quiet.p50} ${quiet.p99}`,
      'registration p50 and p99 beside, ms': `${busy.p50} ${busy.p99}`,
      'resident, each tenth of the time, MB': memory.join(' '),
      ...(await metrics(service)),
    }
    console.table(figures) // oxlint-disable-line no-console -- the table is what this program is for
  } finally {
    await client.end()
    await service.stop()
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'

interface Flood {
  url: string
  rate: number
  seconds: number
}

const byte = () => String(randomInt(1, 255))

/** Sends clicks from a thread of its own, so that those who register are not measured late; how many it sent. */
async function flood(workerData: Flood): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData })
  const [sent] = (await once(worker, 'message')) as [number]
  return sent
}

async function sendClicks({ url, rate, seconds }: Flood): Promise<number> {
  const headers = {
    'user-agent': AGENT,
    accept: 'text/html',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
  const setupRequest = (request: autocannon.Request) => ({
    ...request,
    headers: { ...headers, 'x-forwarded-for': [byte(), byte(), byte(), byte()].join('.') },
  })
  const result = await autocannon({
    url,
    connections: 64,
    overallRate: rate,
    duration: seconds,
    requests: [{ headers, setupRequest }],
  })
  return result['3xx']
}

/** Registers people one after another by the same code; the times in milliseconds. */
async function registrations(service: Program, code: string, seconds: number) {
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const body = JSON.stringify({
      email: `${newId()}@example.com`,
      password: 'a bench needs a password',
      referral_code: code,
    })
    const began = performance.now()
    const response = await fetch(`${service.address}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`registration answered ${response.status}`)
    times.push(performance.now() - began)
    await sleep(50)
  }
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN)
  return { p50: at(0.5), p99: at(0.99) }
}

function watchMemory(service: Program): () => Promise<number[]> {
  const seen: number[] = []
  const look = async () => seen.push(Math.round(await service.residentMb()))
  const first = look()
  const timer = setInterval(() => void look(), SECONDS * 100)
  return async () => {
    clearInterval(timer)
    await first
    return seen
  }
}

async function metrics(service: Program): Promise<Record<string, string>> {
  const text = await (await fetch(`${service.address}/metrics`)).text()
  const lines = text.matchAll(/^(invitree_clicks\S*) (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

if (isMainThread) await main()
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
else parentPort?.postMessage(await sendClicks(workerData as Flood))
