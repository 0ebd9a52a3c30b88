import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import * as checks from '../admin/system/checks.ts'
import type { Config } from '../config.ts'
import { connect, type Db } from '../db/connect.ts'
import { inspectServer } from '../db/inspect.ts'
import { INVARIANTS } from '../db/invariants.ts'
import { openDatabase, openMailer } from '../open.ts'
import { checkConfiguration, checkSecrets } from './checks.ts'
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
  return `${ok ? '✓' : ok === null ? '?' : '✗'} ${name} — ${finding}${remedy ? `. ${remedy}` : ''}\n`
}

async function* examine(env: NodeJS.ProcessEnv): AsyncGenerator<checks.Finding> {
  const { config, finding } = checkConfiguration(env)
  yield finding
  if (!config) return
  yield await checks.checkRedis(config)
  yield* examineOthers(config)
  if (!config.DATABASE_URL && !existsSync(join(config.DATA_DIR, 'postgres'))) {
    const remedy = 'Run `invitree serve`, or set DATA_DIR to where it was run.'
    yield checks.wrong('database', `${config.DATA_DIR} was never served`, remedy)
    return
  }
  try {
    yield* examineDatabase(config)
  } catch (error) {
    yield checks.explain(error)
  }
}

async function* examineOthers(config: Config): AsyncGenerator<checks.Finding> {
  const mail = openMailer(config)
  try {
    yield await checks.checkMail(config, mail)
  } finally {
    mail.close()
  }
  for (const finding of checks.checkIntegrations(config)) yield await finding
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
  yield await checkSecrets(config, db)
  yield await checks.checkConstraints(db)
  for (const invariant of INVARIANTS) {
    const remedy = 'Try again when the database has less to do.'
    yield await checks.checkInvariant(db, invariant, { remedy })
  }
}
