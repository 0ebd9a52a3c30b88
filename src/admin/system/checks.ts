import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspectRedis, OLDEST_REDIS } from '../../cache/redis-version.ts'
import type { Config } from '../../config.ts'
import type { Db } from '../../db/connect.ts'
import { explainServer } from '../../db/failures.ts'
import { findUnkept, OLDEST_POSTGRES, type Server } from '../../db/inspect.ts'
import { INVARIANTS, inspect, type Invariant } from '../../db/invariants.ts'
import { migrationState } from '../../db/migrate.ts'
import { SetupError } from '../../errors.ts'
import { reach } from '../../integrations/reach.ts'
import { SECOND } from '../../lib/dates.ts'
import { reasonOf } from '../../lib/reasons.ts'
import type { Mailer } from '../../mail/transport.ts'

/** What a check came to; the remedy is there when, and only when, it is not well. */
export interface Finding {
  name: string
  /** Null where it could not be looked at in time: nothing is known to be wrong. */
  ok: boolean | null
  finding: string
  remedy?: string
}

export const well = (name: string, finding: string): Finding => ({ name, ok: true, finding })
export const wrong = (name: string, finding: string, remedy: string): Finding => ({
  name,
  ok: false,
  finding,
  remedy,
})

/** A database that went away while it was looked at. */
export function explain(error: unknown): Finding {
  // The first sentence says what is wrong, the rest what to do.
  const said = error instanceof SetupError ? error.message : explainServer(error)
  const [, finding = reasonOf(error), remedy = 'Look into the log of the server'] =
    /^(.*?)\. (.*)\.$/s.exec(said ?? '') ?? []
  return wrong('database', finding, `${remedy}.`)
}

/** Whether the server is of a version that serves, and how fast it answers. */
export function checkServer({ version, major, answerMs }: Server): Finding {
  const finding = `PostgreSQL ${version.split(' ')[0]} answers in ${answerMs.toFixed(1)} ms`
  return major >= OLDEST_POSTGRES
    ? well('database', finding)
    : wrong('database', finding, `Move to PostgreSQL ${OLDEST_POSTGRES} or newer.`)
}

/** What is valid goes by the database's clock; logs and certificates go by this machine's. */
export function checkClock({ aheadMs }: Server): Finding {
  const apart = Math.abs(aheadMs)
  const text = apart < SECOND ? `${apart.toFixed(0)} ms` : `${(apart / SECOND).toFixed(1)} s`
  const finding = `this machine and the database are ${text} apart`
  return apart <= SECOND
    ? well('clock', finding)
    : wrong('clock', finding, 'Let both machines follow a time server (NTP).')
}

export async function checkMigrations(url: string): Promise<Finding> {
  const { applied, pending, unknown } = await migrationState(url)
  const name = 'migrations'
  if (unknown.length > 0) {
    return wrong(
      name,
      `the database is newer than this version: ${unknown.join(', ')}`,
      'Use the newer version, or restore a backup made by this one.',
    )
  }
  if (pending.length === 0) return well(name, `all ${applied.length} are applied`)
  return wrong(
    name,
    `not applied: ${pending.join(', ')}`,
    'Run `invitree migrate`, or start `invitree serve`, which does it.',
  )
}

export async function checkConstraints(db: Db): Promise<Finding> {
  const names = INVARIANTS.flatMap(({ keptBy }) => keptBy)
  const missing = await findUnkept(db, names)
  if (missing.length === 0) return well('constraints', `all ${names.length} are in force`)
  return wrong(
    'constraints',
    `missing, not validated or switched off: ${missing.join(', ')}`,
    'Put them back as the files in migrations/ have them.',
  )
}

/** Looks for what breaks an invariant; whether one holds that took too long is not known. */
export async function checkInvariant(
  db: Db,
  invariant: Invariant,
  { patienceMs, remedy }: { patienceMs?: number; remedy: string },
): Promise<Finding> {
  const name = `${invariant.id} ${invariant.rule}`
  try {
    const { found, examples } = await inspect(db, invariant, patienceMs)
    if (found === 0) return well(name, 'holds')
    return wrong(
      name,
      `broken ${found} times, as by ${examples.join(', ')}`,
      'Back up the database, correct these rows, and report how they came about.',
    )
  } catch (error) {
    return { name, ok: null, finding: `not checked: ${reasonOf(error)}`, remedy }
  }
}

export async function checkRedis({ REDIS_URL }: Config): Promise<Finding> {
  const name = 'redis'
  if (!REDIS_URL) return well(name, 'not configured: the cache is in the process')
  try {
    const { version, answerMs } = await inspectRedis(REDIS_URL)
    const finding = `Redis ${version} answers in ${answerMs.toFixed(1)} ms`
    return Number.parseInt(version) >= OLDEST_REDIS
      ? well(name, finding)
      : wrong(name, finding, `Move to Redis ${OLDEST_REDIS} or newer.`)
  } catch (error) {
    const reason = reasonOf(error)
    return wrong(name, `does not answer: ${reason}`, 'Start the server, or correct REDIS_URL.')
  }
}

/** The file with the secret, where there is one, is for its owner alone. */
export function checkSecretFile({ APP_SECRET, DATA_DIR }: Config): Finding {
  const name = 'secrets'
  const file = join(DATA_DIR, 'secrets.json')
  if (APP_SECRET) return well(name, 'APP_SECRET is set')
  const open = existsSync(file) && statSync(file).mode & 0o077
  if (open) return wrong(name, `others may read ${file}`, `Run \`chmod 600 ${file}\`.`)
  return well(name, `${file} is for its owner alone`)
}

/** Whether the SMTP server, where there is one, lets us in; no mail is sent. */
export async function checkMail({ DATA_DIR }: Config, mail: Mailer): Promise<Finding> {
  const name = 'mail'
  if (mail.transport === 'outbox') {
    return well(name, `no SMTP_URL: mails are files in ${join(DATA_DIR, 'outbox')}`)
  }
  try {
    await mail.verify()
    return well(name, 'the SMTP server lets us in')
  } catch (error) {
    const reason = reasonOf(error)
    const remedy = reason.startsWith('EAUTH')
      ? 'Correct the user and the password in SMTP_URL.'
      : 'Start the server, or correct SMTP_URL: smtps:// where TLS comes first, the port where it listens.'
    return wrong(name, `the SMTP server does not let us in: ${reason}`, remedy)
  }
}

/** Whether the services that there are keys for can be reached; they are asked nothing, which would cost. */
export function checkIntegrations(config: Config): Promise<Finding>[] {
  return [
    checkReach('hunter', 'HUNTER_URL', config.HUNTER_API_KEY && config.HUNTER_URL),
    checkReach('clearbit', 'CLEARBIT_URL', config.CLEARBIT_API_KEY && config.CLEARBIT_URL),
  ]
}

async function checkReach(name: string, variable: string, url?: string): Promise<Finding> {
  if (!url) return well(name, 'no key: it is not asked')
  const { host } = new URL(url)
  try {
    return well(name, `${host} is reached in ${(await reach(url)).toFixed(0)} ms`)
  } catch (error) {
    const remedy = `Let this machine reach ${host}, or correct ${variable}. Registration goes on without it.`
    return wrong(name, `${host} is not reached: ${reasonOf(error)}`, remedy)
  }
}
