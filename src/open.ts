import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMemoryCache } from './cache/memory.ts'
import { createRedisCache } from './cache/redis.ts'
import type { Config } from './config.ts'
import type { Context, Log } from './context.ts'
import { followClock } from './db/clock.ts'
import { connect } from './db/connect.ts'
import { openEmbedded } from './db/embedded.ts'
import { isUnavailable } from './db/failures.ts'
import { migrate } from './db/migrate.ts'
import { SetupError } from './errors.ts'
import { createClearbit } from './integrations/clearbit.ts'
import { createEmailCheck } from './integrations/email-check.ts'
import { SECOND } from './lib/dates.ts'
import { openJobs } from './jobs/boss.ts'
import { deriveKey, mac, randomSecret } from './lib/secrets.ts'
import { createLimits } from './limits/limits.ts'
import { createRedisCounts } from './limits/redis.ts'
import { createMailer } from './mail/transport.ts'

export interface Opened {
  ctx: Context
  close(): Promise<void>
}

/** The database's address: the configured one, or that of the embedded server, started or joined. */
export async function openDatabase(
  config: Config,
  purpose: 'serve' | 'command',
  progress: (line: string) => void,
): Promise<{ url: string; stop(): Promise<void> }> {
  if (config.DATABASE_URL) return { url: config.DATABASE_URL, stop: async () => {} }
  return openEmbedded({ dataDir: config.DATA_DIR, purpose, progress })
}

/** Opens all that the rooms share, on a migrated database; `close` ends it in the reverse order. */
export async function openContext(config: Config, url: string, log: Log): Promise<Opened> {
  const migrated = await untilReachable(log, () => migrate(url))
  if (migrated.length > 0) log.info({ migrated }, 'database migrated')
  const database = connect(url)
  const secret = readSecret(config)
  // Of this installation alone: several may share one Redis, and codes are words that both may have.
  const prefix = `invitree:${mac(deriveKey(secret, 'cache-prefix'), '').slice(0, 8)}:`
  const cache = config.REDIS_URL
    ? await createRedisCache({ redisUrl: config.REDIS_URL, prefix, log })
    : await createMemoryCache({ databaseUrl: url, log })
  const limits = await openLimits(config, { secret, prefix, log })
  const clock = await followClock(database.db)
  const jobs = await openJobs(url, log)
  const mail = createMailer({
    smtpUrl: config.SMTP_URL,
    from: config.MAIL_FROM,
    outbox: join(config.DATA_DIR, 'outbox'),
    host: new URL(config.PUBLIC_URL).hostname,
  })
  return {
    ctx: {
      config,
      db: database.db,
      database,
      cache,
      clock,
      limits,
      log,
      secret,
      jobs,
      mail,
      ...openIntegrations(config, log),
    },
    async close() {
      await jobs.close()
      mail.close()
      clock.stop()
      await limits.close()
      await cache.close()
      await database.db.destroy()
    },
  }
}

const UNREACHABLE = 'The database does not answer: check DATABASE_URL and that the server runs. '
const PATIENCE_MS = 30 * SECOND

/** A database that is still starting is waited for; one that stays away is told in a sentence. */
async function untilReachable<T>(log: Log, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      if (performance.now() > deadline) {
        throw new SetupError(UNREACHABLE + reason, { cause: error })
      }
      log.warn({ reason }, 'waiting for the database')
      await sleep(SECOND)
    }
  }
}

function openIntegrations(config: Config, log: Log): Pick<Context, 'emailCheck' | 'enrichment'> {
  const { CLEARBIT_API_KEY: key, CLEARBIT_URL: url } = config
  const emailCheck = createEmailCheck(config, { log })
  return key === undefined
    ? { emailCheck }
    : { emailCheck, enrichment: createClearbit({ key, url, log }) }
}

async function openLimits(
  { RATE_LIMITS, REDIS_URL: redisUrl }: Config,
  { secret, prefix, log }: { secret: string; prefix: string; log: Log },
) {
  const enabled = RATE_LIMITS === 'on'
  const redis = enabled && redisUrl ? await createRedisCounts({ redisUrl, prefix, log }) : undefined
  return createLimits({ secret, enabled, redis })
}

function readSecret({ APP_SECRET, DATA_DIR }: Config): string {
  if (APP_SECRET) return APP_SECRET
  const file = join(DATA_DIR, 'secrets.json')
  mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 })
  try {
    // Made once, even when two processes start at the same moment: only one can create the file.
    const made = JSON.stringify({ app_secret: randomSecret() })
    writeFileSync(file, made, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (JSON.parse(readFileSync(file, 'utf8')) as { app_secret: string }).app_secret
}
