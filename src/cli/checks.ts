import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSecretFile, type Finding, well, wrong } from '../admin/system/checks.ts'
import { findUnreadableKeys } from '../auth/keys.ts'
import { type Config, ConfigError, Environment, readConfig } from '../config.ts'
import type { Db } from '../db/connect.ts'

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

/** The secret is there, for its owner alone, and opens the signing keys of this database. */
export async function checkSecrets(config: Config, db: Db): Promise<Finding> {
  const readable = checkSecretFile(config)
  if (!readable.ok) return readable
  const { name } = readable
  const file = join(config.DATA_DIR, 'secrets.json')
  const where = config.APP_SECRET ? 'APP_SECRET' : file
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
