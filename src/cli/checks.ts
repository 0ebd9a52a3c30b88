import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findUnreadableKeys } from '../auth/keys.ts'
import { inspectRedis, OLDEST_REDIS } from '../cache/redis-version.ts'
import { type Config, ConfigError, Environment, readConfig } from '../config.ts'
import type { Db } from '../db/connect.ts'
import { findUnkept, OLDEST_POSTGRES, type Server } from '../db/inspect.ts'
import { INVARIANTS, inspect, type Invariant } from '../db/invariants.ts'
import { migrationState } from '../db/migrate.ts'
import { SECOND } from '../lib/dates.ts'
import { reasonOf } from '../lib/reasons.ts'

/** What a check came to; the remedy is there when, and only when, something is wrong. */
export interface Finding {
  name: string
  ok: boolean
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

/** The variables that are set, by their names only; or every problem of theirs. */
export function checkConfiguration(env: NodeJS.ProcessEnv): {
  config?: Config
  finding: Finding
} {
  const name = 'configuration'
  try {
    const config = readConfig(env)
    const set = Object.keys(Environment.properties).filter(
      (variable) => env[variable] || env[`${variable}_FILE`],
    )
    const finding = set.length > 0 ? `set: ${set.join(', ')}` : 'nothing is set, all is by default'
    return { config, finding: well(name, finding) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const problems = error.message.split('\n').slice(1).join(';').replaceAll(/ +/g, ' ').trim()
    return { finding: wrong(name, problems, 'Correct these variables: see docs/configuration.md.') }
  }
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

export async function checkInvariant(db: Db, invariant: Invariant): Promise<Finding> {
  const name = `${invariant.id} ${invariant.rule}`
  const { found, examples } = await inspect(db, invariant)
  if (found === 0) return well(name, 'holds')
  return wrong(
    name,
    `broken ${found} times, as by ${examples.join(', ')}`,
    'Back up the database, correct these rows, and report how they came about.',
  )
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

/** The secret is there, for its owner alone, and opens the signing keys of this database. */
export async function checkSecrets(config: Config, db: Db): Promise<Finding> {
  const name = 'secrets'
  const file = join(config.DATA_DIR, 'secrets.json')
  const where = config.APP_SECRET ? 'APP_SECRET' : file
  const open = config.APP_SECRET === undefined && existsSync(file) && statSync(file).mode & 0o077
  if (open) return wrong(name, `others may read ${file}`, `Run \`chmod 600 ${file}\`.`)
  const secret = config.APP_SECRET ?? readSecretFile(file)
  const { total, unreadable } = await findUnreadableKeys({ db, secret: secret ?? '' })
  if (total === 0) return well(name, 'no signing keys yet: the first `invitree serve` makes them')
  if (secret === undefined) return wrong(name, `${file} is missing or damaged`, LOST)
  if (unreadable.length > 0) {
    return wrong(name, `${where} does not open ${unreadable.length} of ${total} signing keys`, LOST)
  }
  return well(name, `${where} opens all ${total} signing keys`)
}

const LOST =
  'Put back the secret that this database was served with. If it is lost, delete all rows of signing_keys ' +
  'and start again: everybody signs in anew.'

function readSecretFile(file: string): string | undefined {
  try {
    const { app_secret: secret } = JSON.parse(readFileSync(file, 'utf8')) as { app_secret: unknown }
    return typeof secret === 'string' ? secret : undefined
  } catch {
    return undefined
  }
}
