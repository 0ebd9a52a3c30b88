import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { TOMBSTONE_MS } from '../src/cache/cache.ts'
import { withScratchDatabase } from '../src/db/scratch.ts'
import { type Compared, compare, table } from './compare.ts'
import { prepareReferrer } from './referrer.ts'
import { startService } from './programs.ts'
import { ROWS, type Row, type Setting } from './rows.ts'

// `npm run bench` compares the service with its limits, on the embedded PostgreSQL or on DATABASE_URL, with Redis where
// REDIS_URL is set. Words name the rows to run, such as `npm run bench -- list change --profile`.
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
})
const ROUNDS = options.quick ? 1 : 5
const SECONDS = options.quick ? 1.5 : 4
// A code that was just made is looked up in the database until its tombstones in the caches are over.
const CACHEABLE_MS = TOMBSTONE_MS + 1000
const RESULTS = join(import.meta.dirname, 'results')

async function main(): Promise<void> {
  const rows = wanted.length > 0 ? ROWS.filter(({ name }) => wanted.includes(name)) : ROWS
  if (rows.length === 0) {
    say(`There is no such row; there are: ${ROWS.map(({ name }) => name).join(', ')}.`)
    process.exitCode = 64
    return
  }
  const server = process.env['DATABASE_URL']
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-bench-'))
  const compared: Compared[] = []
  try {
    await withScratchDatabase(server, async (databaseUrl) => {
      compared.push(...(await measure(rows, { databaseUrl, dataDir })))
    })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
  process.stdout.write(`${table(compared)}\n`)
  await keep(compared, server ? 'PostgreSQL server' : 'embedded PostgreSQL')
}

async function measure(
  rows: Row[],
  { databaseUrl, dataDir }: { databaseUrl: string; dataDir: string },
): Promise<Compared[]> {
  const service = await startService(databaseUrl, dataDir, profiling(rows))
  try {
    say(`The service is ready, with ${(await service.residentMb()).toFixed(0)} MB`)
    const referrer = await prepareReferrer(service.address, 50)
    const setting: Setting = { service, databaseUrl, referrer }
    await sleep(CACHEABLE_MS)
    const compared: Compared[] = []
    for (const row of rows) {
      compared.push(await compare(row, setting, { rounds: ROUNDS, seconds: SECONDS, say }))
    }
    return compared
  } finally {
    await service.stop()
  }
}

// Open it in the developer tools of Chromium, or in VS Code.
function profiling(rows: Row[]): Record<string, string> {
  if (!options.profile) return {}
  const name = rows.map((row) => row.name).join('-')
  say(`The profile will be ${join(RESULTS, `${name}.cpuprofile`)}`)
  const flags = `--cpu-prof --cpu-prof-dir=${RESULTS} --cpu-prof-name=${name}.cpuprofile`
  return { NODE_OPTIONS: flags }
}

async function keep(rows: Compared[], database: string): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const file = join(RESULTS, `${new Date().toISOString().slice(0, 10)}.json`)
  const redis = Boolean(process.env['REDIS_URL'])
  const kept = { database, redis, node: process.version, rounds: ROUNDS, seconds: SECONDS, rows }
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

await main()
