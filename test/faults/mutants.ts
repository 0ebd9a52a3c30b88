import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Defect, DEFECTS } from './defects.ts'

// Each defect is planted into a copy of the tree, where the test that is there for it has to fail. Run by
// `npm run test:mutants`, which ends with 1 when a defect survives or a test fails without one.

const COPIED = ['src', 'test', 'migrations', 'bin', 'package.json', 'tsconfig.json']
const LINKED = ['node_modules', 'portal', 'openapi.json', 'vitest.config.ts']

interface Report {
  testResults: { assertionResults: Result[] }[]
}

const copy = await mkdtemp(join(tmpdir(), 'invitree-mutants-'))
try {
  process.exitCode = await main()
} finally {
  await rm(copy, { recursive: true, force: true })
}

async function main(): Promise<number> {
  for (const name of COPIED) await cp(name, join(copy, name), { recursive: true })
  for (const name of LINKED) await symlink(resolve(name), join(copy, name))
  const control = await run(DEFECTS)
  const sick = DEFECTS.filter((defect) => statusOf(defect, control) !== 'passed')
  for (const { name, test } of sick) say(`Without “${name}” this does not pass either: “${test}”`)
  if (sick.length > 0) return 1
  let caught = 0
  for (const defect of DEFECTS) {
    const since = performance.now()
    const undo = await plant(defect)
    const status = statusOf(defect, await run([defect]))
    await undo()
    if (status === 'failed') caught++
    const outcome = status === 'failed' ? 'caught' : `NOT CAUGHT (${status})`
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    say(`${defect.name}: ${outcome} by “${defect.test}” in ${defect.file}, ${seconds} s`)
  }
  say(`${caught} of ${DEFECTS.length}`)
  return caught === DEFECTS.length ? 0 : 1
}

/** Writes the defect into the copy; throws when the text that it replaces is not there exactly once. */
async function plant({ name, changes }: Defect): Promise<() => Promise<void>> {
  const originals = new Map<string, string>()
  for (const { file, from, to } of changes) {
    const path = join(copy, file)
    const text = await readFile(path, 'utf8')
    if (!originals.has(path)) originals.set(path, text)
    if (text.split(from).length !== 2) {
      throw new Error(`“${name}” finds its text not once in ${file}: adapt test/faults/defects.ts.`)
    }
    await writeFile(
      path,
      text.replace(from, () => to),
    )
  }
  return async () => {
    for (const [path, text] of originals) await writeFile(path, text)
  }
}

interface Result {
  fullName: string
  status: string
}

/** Runs only the tests that are there for these defects. */
async function run(defects: Defect[]): Promise<Result[]> {
  const report = join(copy, 'report.json')
  await rm(report, { force: true })
  const files = new Set(defects.map(({ file }) => file))
  const pattern = defects
    .map(({ test }) => test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|')
  const options = ['--reporter=json', `--outputFile=${report}`, '--testTimeout=60000']
  const words = ['node_modules/vitest/vitest.mjs', 'run', ...files, '-t', pattern, ...options]
  await new Promise<void>((done) => execFile(process.execPath, words, { cwd: copy }, () => done()))
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report
  return testResults.flatMap(({ assertionResults }) => assertionResults)
}

/** What became of the test of a defect; in a file that does not load it is not run at all. */
function statusOf({ test }: Defect, results: Result[]): string {
  const found = results.find(({ fullName }) => fullName.includes(test))
  return found?.status ?? 'not run'
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
