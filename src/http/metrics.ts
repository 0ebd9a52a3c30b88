import type { FastifyInstance } from 'fastify'
import { type Aggregator, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Context } from '../context.ts'
import { countTotals, type Totals } from '../db/totals.ts'
import { MINUTE } from '../lib/dates.ts'
import { lazy } from '../lib/lazy.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry
    /** The text of all metrics: of this process or, where several share the work, of all of them. */
    gatherMetrics: () => Promise<string>
  }
}

/** Hashes under way, waiting, and begun since start. */
type Hashing = () => { active: number; waiting: number; begun: number }

/** Counts every answer by route template, method and status, and offers the registry to `/metrics`. */
export function countRequests(app: FastifyInstance, ctx: Context, hashing: Hashing) {
  const registry = Registry.merge([processMetrics()])
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer by route template, method and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10],
    registers: [registry],
  })
  const isTelling = ctx.log.level === 'debug' || ctx.log.level === 'trace'
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    const labels = { method: request.method, route, status: reply.statusCode }
    durations.observe(labels, reply.elapsedTime / 1000)
    // The route's template, never the address that was asked: that may hold somebody's.
    if (isTelling) {
      ctx.log.debug({ reqId: request.id, ...labels, ms: Math.round(reply.elapsedTime) }, 'answered')
    }
    done()
  })
  gauges(registry, ctx, hashing)
  app.decorate('metrics', registry)
  app.decorate('gatherMetrics', () => registry.metrics())
}

// Once: what watches the process's collections of garbage never ends.
const processMetrics = lazy(() => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
})

type Labels = Record<string, string>

function gauges(
  registry: Registry,
  { cache, database, db, ...ctx }: Context,
  hashing: Hashing,
): void {
  const gauge = (
    name: string,
    help: string,
    read: () => Promise<[Labels, number][]>,
    // What becomes of the figures of several processes.
    aggregator: Aggregator = 'sum',
  ) =>
    new Gauge({
      aggregator,
      name,
      help,
      labelNames: ['what'],
      registers: [registry],
      async collect() {
        for (const [labels, value] of await read()) this.set(labels, value)
      },
    })
  const totals = remembered(() => countTotals(db))
  gauge('invitree_cache_reads', 'Reads of the cache since start', async () => each(cache.stats()))
  gauge('invitree_hashing', 'Passwords being hashed, waiting, and begun since start', async () =>
    each(hashing()),
  )
  gauge('invitree_database_connections', 'Connections of the pool', async () =>
    each(database.pool()),
  )
  gauge('invitree_hunter', 'Questions to Hunter since start', async () =>
    each(ctx.emailCheck.counts ?? {}),
  )
  gauge('invitree_clearbit', 'Questions to Clearbit since start', async () =>
    each(ctx.enrichment?.counts ?? {}),
  )
  gauge(
    'invitree_totals',
    'Users, active codes, referrals by status; a minute old at most',
    async () => each(await totals()),
    'max',
  )
}

const each = (figures: object) =>
  Object.entries(figures).map(([what, value]): [Labels, number] => [{ what }, Number(value)])

// A scrape must not cost more the larger the installation is.
function remembered(read: () => Promise<Totals>): () => Promise<Totals | object> {
  let kept: Totals | object = {}
  let readAt = -Infinity
  return async () => {
    if (performance.now() - readAt < MINUTE) return kept
    readAt = performance.now()
    kept = await read().catch(() => ({}))
    return kept
  }
}
