import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { TOMBSTONE_MS } from '../src/cache/cache.ts'
import { withScratchDatabase } from '../src/db/scratch.ts'
import { type Compared, compare, table } from './compare.ts'
import { growthTable, measureGrowth } from './growth.ts'
import { jobsDone } from './jobs.ts'
import { watchMemory } from './memory.ts'
import { prepareReferrer } from './referrer.ts'
import { ended, ofFolder, type Program, startService, startServiceBy } from './programs.ts'
import { ROWS, type Row, type Setting } from './rows.ts'
import { ROWS_OF_ITSELF } from './rows-of-itself.ts'

// `npm run bench` compares the service with its limits, on the embedded PostgreSQL or on DATABASE_URL, with Redis where
// REDIS_URL is set. Words name the rows to run, such as `npm run bench -- list change --profile`; `growth` compares a
// small installation with one of `--people`, and `--memory 10` watches the memory for 10 minutes. `--against FOLDER`
// compares with the service of another checkout instead of the limits.
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    profile: { type: 'boolean' },
    people: { type: 'string', default: '1000000' },
    memory: { type: 'string' },
    against: { type: 'string' },
  },
})
const ALL = [...ROWS, ...ROWS_OF_ITSELF]
const ROUNDS = options.quick ? 1 : 5
const SECONDS = options.quick ? 1.5 : 4
// A code that was just made is looked up in the database until its tombstones in the caches are over.
const CACHEABLE_MS = TOMBSTONE_MS + 1000
const RESULTS = join(import.meta.dirname, 'results')

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-bench-'))
  try {
    if (wanted.includes('growth')) await showGrowth(dataDir)
    else if (options.memory) await showMemory(dataDir, Number(options.memory))
    else if (options.against) await showAgainst(dataDir, options.against)
    else await showRatios(dataDir)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

function chosen(all: Row[]): Row[] {
  const rows = wanted.length > 0 ? all.filter(({ name }) => wanted.includes(name)) : all
  if (rows.length > 0) return rows
  say(`There is no such row; there are: growth, ${all.map(({ name }) => name).join(', ')}.`)
  process.exitCode = 64
  return rows
}

async function showRatios(dataDir: string): Promise<void> {
  const rows = chosen(ALL)
  if (rows.length === 0) return
  const compared: Compared[] = []
  const start = (url: string) => startService(url, dataDir, profiling(rows))
  await withSetting(dataDir, start, async (setting) => {
    await sleep(CACHEABLE_MS)
    for (const row of rows) compared.push(...(await measure(row, setting)))
  })
  process.stdout.write(`${table(compared)}\n`)
  // Some rows alone would take the place of all.
  if (wanted.length === 0) await keep('', { rounds: ROUNDS, seconds: SECONDS, rows: compared })
}

async function showAgainst(dataDir: string, folder: string): Promise<void> {
  // How much is too much is found out on the other side of that row.
  const rows = chosen(ROWS.filter(({ name }) => name !== 'overload'))
  if (rows.length === 0) return
  const otherDir = join(dataDir, 'other')
  const command = await ofFolder(folder)
  const startOther = (url: string) => startServiceBy(command, url, otherDir)
  const compared: Compared[] = []
  await withSetting(otherDir, startOther, (other) =>
    withSetting(
      dataDir,
      (url) => startService(url, dataDir),
      async (setting) => {
        await sleep(CACHEABLE_MS)
        for (const row of rows) compared.push(...(await measure(against(row, other), setting)))
      },
    ),
  )
  process.stdout.write(`${table(compared)}\n`)
}

/** The same work of this service, held against that of another one. */
const against = (row: Row, other: Setting): Row => ({
  ...row,
  work: `${row.work.split(' / ')[0]} / the other checkout`,
  goal: 1,
  async prepare(setting) {
    const [here, there] = [await row.prepare(setting), await row.prepare(other)]
    const stop = async () => void (await Promise.all([here.stop(), there.stop()]))
    return { limit: there.service, service: here.service, stop }
  },
})

/** A row that fails is told, and the others are measured all the same. */
async function measure(row: Row, setting: Setting): Promise<Compared[]> {
  if (row.missing) say(`${row.name} is left out: ${row.missing}`)
  if (row.missing) return []
  try {
    const how = { rounds: ROUNDS, seconds: SECONDS, warm: !options.quick, say }
    await jobsDone(setting.databaseUrl)
    return [await compare(row, setting, how)]
  } catch (error) {
    ended.throwIfAborted()
    say(`${row.name} failed: ${String(error)}`)
    process.exitCode = 1
    return []
  }
}

async function showGrowth(dataDir: string): Promise<void> {
  const serverUrl = process.env['DATABASE_URL']
  const people = Number(options.people)
  const n = options.quick ? 40 : 200
  const grown = await measureGrowth({ serverUrl, dataDir, people, n, say })
  process.stdout.write(`${growthTable(grown)}\n`)
  await keep('-growth', { people, n, rows: grown })
}

function showMemory(dataDir: string, minutes: number): Promise<void> {
  const start = (url: string) => startService(url, dataDir)
  return withSetting(dataDir, start, async ({ service, referrer }) => {
    process.stdout.write(`${await watchMemory(service, referrer, { minutes, say })}\n`)
  })
}

/** Starts the service on a database of its own, with somebody who has referrals. */
async function withSetting(
  dataDir: string,
  start: (databaseUrl: string) => Promise<Program>,
  work: (setting: Setting) => Promise<void>,
): Promise<void> {
  await withScratchDatabase(process.env['DATABASE_URL'], async (databaseUrl) => {
    const service = await start(databaseUrl)
    try {
      say(`The service is ready, with ${(await service.residentMb()).toFixed(0)} MB`)
      const referrer = await prepareReferrer(service.address, 50)
      await work({ service, databaseUrl, dataDir, referrer })
    } finally {
      await service.stop()
    }
  })
}

// Open it in the developer tools of Chromium, or in VS Code.
function profiling(rows: Row[]): Record<string, string> {
  if (!options.profile) return {}
  const name = rows.map((row) => row.name).join('-')
  say(`The profile will be ${join(RESULTS, `${name}.cpuprofile`)}`)
  const flags = `--cpu-prof --cpu-prof-dir=${RESULTS} --cpu-prof-name=${name}.cpuprofile`
  return { NODE_OPTIONS: flags }
}

async function keep(which: string, figures: object): Promise<void> {
  if (options.quick) return
  await mkdir(RESULTS, { recursive: true })
  const file = join(RESULTS, `${new Date().toISOString().slice(0, 10)}${which}.json`)
  const database = process.env['DATABASE_URL'] ? 'PostgreSQL server' : 'embedded PostgreSQL'
  const redis = Boolean(process.env['REDIS_URL'])
  const kept = { database, redis, node: process.version, ...figures }
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

await main()
