import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { openEmbedded } from '../src/db/embedded.ts'
import { type Program, startBare, startService } from './programs.ts'
import { prepareReferrer, type Referrer } from './referrer.ts'

// Each row: the service and the bare server in turn, five times, the median of each side. `--quick` halves it.
const ROUNDS = process.argv.includes('--quick') ? 3 : 5
const SECONDS = process.argv.includes('--quick') ? 2 : 4
const CONNECTIONS = 32

const BEST_LIST = `
  select u.id, u.id as user_id, u.email, u.username, c.code, r.status, r.attributed_at, r.confirmed_at
  from referrals r join users u on u.id = r.user_id join referral_codes c on c.id = r.code_id
  where r.referrer_id = $1 order by r.user_id desc limit 51`

interface Row {
  work: string
  bare: number
  service: number
  ratio: number
  p99_ms: number
  resident_mb: number
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-bench-'))
  const given = process.env['DATABASE_URL']
  const database = given
    ? { url: given, stop: async () => {} }
    : await openEmbedded({ dataDir, purpose: 'serve', progress: say })
  const service = await startService(database.url, dataDir)
  try {
    const referrer = await prepareReferrer(service.address, 50)
    const rows = await compareAll(service, referrer, database.url)
    print(rows)
    await keep(rows, given ? 'PostgreSQL server' : 'embedded PostgreSQL')
  } finally {
    await service.stop()
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function compareAll(service: Program, referrer: Referrer, url: string): Promise<Row[]> {
  const { address } = service
  const lookUp = `${address}/api/v1/referrals/code-by-email?email=${referrer.email}`
  const check = `${address}/api/v1/referrals/codes/${referrer.code}`
  const list = `${address}/api/v1/users/me/referrals`
  const best = { QUERY: BEST_LIST, PARAMETER: referrer.id, DATABASE_URL: url }
  return [
    await compare(service, {
      work: 'look up a code by e-mail',
      url: lookUp,
      limit: await body(lookUp),
    }),
    await compare(service, { work: 'check a code', url: check, limit: await body(check) }),
    await compare(service, {
      work: 'list of 50 referrals, signed in',
      url: list,
      headers: referrer.headers,
      limit: best,
    }),
  ]
}

interface Work {
  work: string
  url: string
  headers?: Record<string, string>
  /** What the bare server answers. */
  limit: Record<string, string>
}

const body = async (url: string) => ({ BODY: await (await fetch(url)).text() })

async function compare(service: Program, { work, url, headers = {}, limit }: Work): Promise<Row> {
  const bare = await startBare(limit)
  const measured = { bare: [] as number[], service: [] as number[], p99: [] as number[] }
  for (let round = 0; round <= ROUNDS; round++) {
    const [one, other] = [await load(bare.address, {}), await load(url, headers)]
    say(`${work}: ${one.requests.average} and ${other.requests.average} requests a second`)
    if (round === 0) continue // warms both sides
    measured.bare.push(one.requests.average)
    measured.service.push(other.requests.average)
    measured.p99.push(other.latency.p99)
  }
  await bare.stop()
  const [a, b] = [median(measured.bare), median(measured.service)]
  const p99_ms = median(measured.p99)
  return {
    work,
    bare: a,
    service: b,
    ratio: b / a,
    p99_ms,
    resident_mb: await service.residentMb(),
  }
}

async function load(url: string, headers: Record<string, string>) {
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} not 2xx`)
  return result
}

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function print(rows: Row[]): void {
  const shown = rows.map(({ work, ...row }) => ({
    work,
    'bare, a second': Math.round(row.bare),
    'service, a second': Math.round(row.service),
    ratio: Number(row.ratio.toFixed(2)),
    'p99, ms': row.p99_ms,
    'resident, MB': Math.round(row.resident_mb),
  }))
  console.table(shown) // oxlint-disable-line no-console -- the table is what this program is for
}

async function keep(rows: Row[], database: string): Promise<void> {
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${new Date().toISOString().slice(0, 10)}.json`)
  const kept = { database, node: process.version, connections: CONNECTIONS, rounds: ROUNDS, rows }
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

await main()
