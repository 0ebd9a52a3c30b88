import about from '../../../package.json' with { type: 'json' }
import { inspectRedis } from '../../cache/redis-version.ts'
import type { Context } from '../../context.ts'
import { inspectServer } from '../../db/inspect.ts'
import type { RemoteHealth } from '../../integrations/remote.ts'
import { countJobs } from '../../jobs/queries.ts'
import { findLastMigration } from './queries.ts'

/** What runs here and how it does, as far as that can be said at once. */
export async function describeSystem(ctx: Context) {
  const [server, last_migration, jobs, cache] = await Promise.all([
    inspectServer(ctx.db),
    findLastMigration(ctx.db),
    countJobs(ctx.db),
    describeCache(ctx),
  ])
  return {
    version: about.version,
    node: process.versions.node,
    started_at: new Date(ctx.clock.now() - process.uptime() * 1000),
    uptime_seconds: Math.floor(process.uptime()),
    database: {
      kind: ctx.config.DATABASE_URL ? ('server' as const) : ('embedded' as const),
      version: server.version.split(' ')[0]!,
      latency_ms: server.answerMs,
      connections: ctx.database.pool(),
    },
    cache,
    mail: { transport: ctx.mail.transport },
    integrations: [
      describeRemote('hunter', ctx.emailCheck),
      describeRemote('clearbit', ctx.enrichment),
    ],
    last_migration,
    jobs,
  }
}

async function describeCache({ cache, config }: Context) {
  const { hits, misses } = cache.stats()
  const ready = await cache.ready()
  // Redis may be away, which makes the service slower and nothing else.
  const redis = config.REDIS_URL
    ? await inspectRedis(config.REDIS_URL).catch(() => undefined)
    : undefined
  return {
    kind: config.REDIS_URL ? ('redis' as const) : ('process' as const),
    ready,
    version: redis?.version ?? null,
    latency_ms: redis?.answerMs ?? null,
    hits,
    misses,
  }
}

type Health = { [Part in keyof RemoteHealth]: RemoteHealth[Part] | undefined }

function describeRemote(name: string, health: Health | undefined) {
  const { answered, failed, skipped } = health?.counts ?? { answered: 0, failed: 0, skipped: 0 }
  const state = health?.state?.() ?? ('off' as const)
  return { name, state, answered, failed, skipped }
}
