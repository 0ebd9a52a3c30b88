import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMemoryCache } from './cache/memory.ts'
import type { createRedisCache } from './cache/redis.ts'
import type { Config } from './config.ts'
import type { Context, Log } from './context.ts'
import { followClock } from './db/clock.ts'
import { connect, type Database, ping } from './db/connect.ts'
import { openEmbedded } from './db/embedded.ts'
import { isUnavailable } from './db/failures.ts'
import { migrate } from './db/migrate.ts'
import { SetupError } from './errors.ts'
import { createClearbit } from './integrations/clearbit.ts'
import { createEmailCheck } from './integrations/email-check.ts'
import { openInOrder } from './lib/closing.ts'
import { SECOND } from './lib/dates.ts'
import { openJobs } from './jobs/boss.ts'
import { deriveKey, mac, randomSecret } from './lib/secrets.ts'
import { createLimits } from './limits/limits.ts'
import type { createRedisCounts, RedisCounts } from './limits/redis.ts'
import { createMailer, type Mailer } from './mail/transport.ts'

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
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: direct = url } = config
  const chosen = purpose === 'command' ? direct : url
  if (chosen) return { url: chosen, stop: async () => {} }
  return openEmbedded({ dataDir: config.DATA_DIR, purpose, progress })
}

interface Shared {
  /** Where several processes count limits together while there is no Redis. */
  counts?: RedisCounts
  /** Only in tests: the time in milliseconds that limits count by. */
  limitsNow?: () => number
  /** Only in tests: how long the database and Redis are waited for, in place of each timeout. */
  patienceMs?: number
}

/** Opens all that the rooms share, on a migrated database; `close` ends it in the reverse order. */
export const openContext = (
  config: Config,
  url: string,
  log: Log,
  shared: Shared = {},
): Promise<Opened> =>
  openInOrder(async (closing) => {
    const { patienceMs } = shared
    const ownUrl = config.DATABASE_DIRECT_URL ?? url
    const max = poolSize(config.WEB_CONCURRENCY)
    const database = connect(url, { max, ownUrl, patienceMs })
    closing.add(() => database.db.destroy())
    await bringUpToDate(database, log)
    const secret = readSecret(config)
    // Of this installation alone: several may share one Redis, and codes are words that both may have.
    const prefix = `invitree:${mac(deriveKey(secret, 'cache-prefix'), '').slice(0, 8)}:`
    const cache = config.REDIS_URL
      ? await openRedisCache({ redisUrl: config.REDIS_URL, prefix, log, patienceMs })
      : await createMemoryCache({ databaseUrl: ownUrl, log })
    closing.add(() => cache.close())
    const limits = await openLimits(config, { secret, prefix, log, ...shared })
    closing.add(() => limits.close())
    const clock = await followClock(database.db)
    closing.add(() => clock.stop())
    // Before the jobs, which send mails until the last of them has ended.
    const mail = openMailer(config)
    closing.add(() => mail.close())
    const jobs = await openJobs(ownUrl, log)
    closing.add(() => jobs.close())
    const ctx = {
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
    }
    return { ctx, close: closing.close }
  })

async function bringUpToDate({ db, url }: Database, log: Log): Promise<void> {
  // Asked first: a pooler that stands alone refuses this, and would keep the lock of the migrations.
  await untilReachable(log, () => ping(db))
  const migrated = await untilReachable(log, () => migrate(url))
  if (migrated.length > 0) log.info({ migrated }, 'database migrated')
}

// Its client takes as much memory as the half of all else: it is loaded where there is a Redis.
const openRedisCache: typeof createRedisCache = async (options) =>
  (await import('./cache/redis.ts')).createRedisCache(options)
const openRedisCounts: typeof createRedisCounts = async (options) =>
  (await import('./limits/redis.ts')).createRedisCounts(options)

/** Where mails go: to the SMTP server, or into a folder. */
export const openMailer = (config: Config): Mailer =>
  createMailer({
    smtpUrl: config.SMTP_URL,
    from: config.MAIL_FROM,
    outbox: join(config.DATA_DIR, 'outbox'),
    host: new URL(config.PUBLIC_URL).hostname,
  })

// An embedded server takes 100 connections, those of the jobs and of listening among them.
const poolSize = (processes: number) => Math.min(10, Math.max(2, Math.floor(40 / processes)))

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
  { secret, prefix, log, ...shared }: { secret: string; prefix: string; log: Log } & Shared,
) {
  const { counts, limitsNow: now, patienceMs } = shared
  const enabled = RATE_LIMITS === 'on'
  const options = { redisUrl: redisUrl ?? '', prefix, log, patienceMs }
  const redis = enabled && redisUrl ? await openRedisCounts(options) : counts
  return createLimits({ secret, enabled, redis, ...(now && { now }) })
}

/** Where an installation without APP_SECRET keeps the one that was made for it. */
export const secretsFile = (dataDir: string) => join(dataDir, 'secrets.json')

function readSecret({ APP_SECRET, DATA_DIR }: Config): string {
  if (APP_SECRET) return APP_SECRET
  const file = secretsFile(DATA_DIR)
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
