import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMemoryCache } from './cache/memory.ts'
import { createRedisCache } from './cache/redis.ts'
import type { Config } from './config.ts'
import type { Context, Log } from './context.ts'
import { followClock } from './db/clock.ts'
import { connect } from './db/connect.ts'
import { openEmbedded } from './db/embedded.ts'
import { migrate } from './db/migrate.ts'
import { randomSecret } from './lib/secrets.ts'

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
  const migrated = await migrate(url)
  if (migrated.length > 0) log.info({ migrated }, 'database migrated')
  const database = connect(url)
  const cache = config.REDIS_URL
    ? await createRedisCache({ redisUrl: config.REDIS_URL, prefix: 'invitree:', log })
    : await createMemoryCache({ databaseUrl: url, log })
  const clock = await followClock(database.db)
  const secret = readSecret(config)
  return {
    ctx: { config, db: database.db, database, cache, clock, log, secret },
    async close() {
      clock.stop()
      await cache.close()
      await database.db.destroy()
    },
  }
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
