import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import type { Config } from '../config.ts'
import { connect, type Db } from '../db/connect.ts'
import { explainServer } from '../db/failures.ts'
import { inspectServer } from '../db/inspect.ts'
import { INVARIANTS } from '../db/invariants.ts'
import { SetupError } from '../errors.ts'
import { reasonOf } from '../lib/reasons.ts'
import { openDatabase } from '../open.ts'
import * as checks from './checks.ts'
import { orExplain, say } from './run.ts'

export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    description:
      'Check configuration, servers, secrets and data, changing nothing; exit with 1 if anything is wrong.',
  },
  args: { json: { type: 'boolean', description: 'Print the findings as JSON' } },
  run: ({ args }) =>
    orExplain(async () => {
      const findings: checks.Finding[] = []
      for await (const finding of examine(process.env)) {
        findings.push(finding)
        if (!args.json) process.stdout.write(line(finding))
      }
      const ok = findings.every((finding) => finding.ok)
      if (args.json) process.stdout.write(`${JSON.stringify({ ok, checks: findings }, null, 2)}\n`)
      process.exitCode = ok ? 0 : 1
    }),
})

function line({ name, ok, finding, remedy }: checks.Finding): string {
  return `${ok ? '✓' : '✗'} ${name} — ${finding}${remedy ? `. ${remedy}` : ''}\n`
}

async function* examine(env: NodeJS.ProcessEnv): AsyncGenerator<checks.Finding> {
  const { config, finding } = checks.checkConfiguration(env)
  yield finding
  if (!config) return
  yield await checks.checkRedis(config)
  if (!config.DATABASE_URL && !existsSync(join(config.DATA_DIR, 'postgres'))) {
    const remedy = 'Run `invitree serve`, or set DATA_DIR to where it was run.'
    yield checks.wrong('database', `${config.DATA_DIR} was never served`, remedy)
    return
  }
  try {
    yield* examineDatabase(config)
  } catch (error) {
    yield away(error)
  }
}

// The first sentence says what is wrong, the rest what to do.
function away(error: unknown): checks.Finding {
  const said = error instanceof SetupError ? error.message : explainServer(error)
  const [, finding = reasonOf(error), remedy = 'Look into the log of the server'] =
    /^(.*?)\. (.*)\.$/s.exec(said ?? '') ?? []
  return checks.wrong('database', finding, `${remedy}.`)
}

async function* examineDatabase(config: Config): AsyncGenerator<checks.Finding> {
  const server = await openDatabase(config, 'command', say)
  const { db } = connect(server.url, { max: 1 })
  try {
    const about = await inspectServer(db)
    yield checks.checkServer(about)
    yield checks.checkClock(about)
    const migrations = await checks.checkMigrations(server.url)
    yield migrations
    // Of another schema nothing more can be said.
    if (migrations.ok) yield* examineData(config, db)
  } finally {
    await db.destroy()
    await server.stop()
  }
}

async function* examineData(config: Config, db: Db): AsyncGenerator<checks.Finding> {
  yield await checks.checkSecrets(config, db)
  yield await checks.checkConstraints(db)
  for (const invariant of INVARIANTS) {
    yield await checks.checkInvariant(db, invariant).catch((error: unknown) => {
      const remedy = 'Try again when the database has less to do.'
      return checks.wrong(invariant.id, `not checked: ${reasonOf(error)}`, remedy)
    })
  }
}
