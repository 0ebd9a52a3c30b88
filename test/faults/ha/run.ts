/* oxlint-disable no-console */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FAULTS } from './faults.ts'
import { missingPrograms } from './programs.ts'
import { tryAll } from './trial.ts'

const USAGE = `node test/faults/ha/run.ts [--kills 3] [--faults killed,cut] [--asynchronous] [--keep]

Loses the primary of a PostgreSQL cluster under load, in every way, and prints what that cost.
  --kills         how often each fault is done
  --faults        which: ${Object.keys(FAULTS).join(', ')}
  --asynchronous  with a standby that the primary does not wait for
  --keep          leaves the folder with the logs`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '3' },
    faults: { type: 'string', default: Object.keys(FAULTS).join() },
    asynchronous: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    folder: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else process.exitCode = await (values.folder ? inside(values.folder) : outside())

/**
 * Runs this file again in namespaces of its own. Their networks are gone when they are left, and with
 * their first process all the others end, however this one ends. No right is needed but to make them.
 */
async function outside(): Promise<number> {
  const unknown = values.faults.split(',').filter((name) => !FAULTS[name])
  const missing = unknown.length > 0 ? `No such fault: ${unknown.join()}` : missingPrograms()
  if (missing) {
    console.error(missing)
    return 69
  }
  const folder = mkdtempSync(join(tmpdir(), 'invitree-ha-'))
  const namespaces = ['--user', '--map-root-user', '--net', '--pid', '--mount', '--mount-proc']
  // The shell is the first process: it takes in the orphans, which would otherwise seem alive.
  const shell = ['sh', '-c', '"$@"; exit $?', 'sh']
  const own = [process.execPath, import.meta.filename, ...process.argv.slice(2)]
  const command = [...namespaces, '--fork', '--kill-child', ...shell, ...own, '--folder', folder]
  const child = spawn('unshare', command, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(9))
  const [status] = (await once(child, 'exit')) as [number | null]
  if (values.keep) console.log(`The logs are in ${folder}`)
  else rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  return status ?? 70
}

async function inside(folder: string): Promise<number> {
  const cluster = { folder, synchronous: !values.asynchronous }
  const isGood = await tryAll(cluster, values.faults.split(','), Number(values.kills))
  // What was started runs on until the namespace is gone, which is now.
  process.exit(isGood ? 0 : 1)
}
