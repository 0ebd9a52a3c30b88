import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// `npm run test:faults` does every fault as CI does; with `--long` kills, races and restarts many times more often,
// and writes what came of it into docs/reliability.md. Words behind it choose files, and the rows of the others stay
// as they are.

const PAGE = 'docs/reliability.md'
const [BEGIN, END] = ['<!-- results -->\n', '<!-- end of results -->']
const HEAD = `| fault | times | seed | acknowledged | refused | unknown | lost | refused, but there | twice | stale | first success after (median, longest) | slowest 503 | when |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

const FIGURES = [
  'times',
  'seed',
  'acknowledged',
  'failed',
  'unknown',
  'lost',
  'refusedButPresent',
  'duplicates',
  'stale',
] as const

interface Result extends Partial<Record<(typeof FIGURES)[number] | 'slowest503', number>> {
  fault: string
  recoveries?: number[]
}

const words = process.argv.slice(2)
const isLong = words.includes('--long')
const files = words.filter((word) => word !== '--long').map((word) => `test/faults/${word}`)
const folder = mkdtempSync(join(tmpdir(), 'invitree-results-'))
const results = join(folder, 'results')
writeFileSync(results, '')
try {
  process.exitCode = await runTests()
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean)
  const rows = lines.map((line) => row(JSON.parse(line) as Result))
  process.stdout.write(`${HEAD}${rows.join('\n')}\n`)
  // What failed is looked into, not published.
  if (isLong && process.exitCode === 0) {
    writeFileSync(PAGE, withRows(readFileSync(PAGE, 'utf8'), rows))
    execFileSync('node_modules/.bin/oxfmt', [PAGE])
  }
} finally {
  rmSync(folder, { recursive: true })
}

function runTests(): Promise<number> {
  const chosen = files.length > 0 ? files : ['test/faults']
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...chosen, '--no-file-parallelism']
  const env = { ...process.env, FAULTS_RESULTS: results, ...(isLong && { FAULTS: 'long' }) }
  const child = spawn(process.execPath, vitest, { stdio: 'inherit', env })
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

function row({ fault, recoveries = [], slowest503, ...rest }: Result): string {
  const sorted = recoveries.map(Math.round).toSorted((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)]
  const recovery = median === undefined ? '' : `${median} ms, ${sorted.at(-1)} ms`
  const counts = FIGURES.map((name) => rest[name] ?? '')
  const slowest = slowest503 ? `${slowest503} ms` : ''
  return `| ${[fault, ...counts, recovery, slowest, `${today()}, ${commit()}`].join(' | ')} |`
}

/** The page with these rows in place of those of the same faults. */
function withRows(page: string, rows: string[]): string {
  const [before = '', rest = ''] = page.split(BEGIN)
  const [table = '', after = ''] = rest.split(END)
  const faultOf = (line: string) => line.split('|')[1]?.trim()
  const done = new Set(rows.map(faultOf))
  const kept = table.split('\n').filter((line) => line.startsWith('|') && !done.has(faultOf(line)))
  const old = kept.filter((line) => !/^\| (?:fault |-)/.test(line))
  return `${before}${BEGIN}\n${HEAD}${[...old, ...rows].join('\n')}\n\n${END}${after}`
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
}
