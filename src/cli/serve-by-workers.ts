import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client'
import { shareCores } from '../auth/service.ts'
import type { Config } from '../config.ts'
import { openInOrder } from '../lib/closing.ts'
import { SECOND } from '../lib/dates.ts'
import { createCountsForAll, createCountsOfPrimary } from '../limits/primary.ts'
import { openContext } from '../open.ts'
import { type Ask, openChannel } from './channel.ts'
import { listen, openInstallation } from './installation.ts'
import { giveBackMemory } from './memory.ts'
import { newLog, stopOnSignal } from './process.ts'
import { exitCodeOf, say } from './run.ts'
import { keepWorkers, type Workers } from './workers.ts'

type Figures = MetricObjectWithValues<MetricValue<string>>[]

const LIMITS_MS = 200
const METRICS_MS = 2 * SECOND

/** The process that serves nobody: it has what there is once, and keeps the workers that serve. */
export async function serveByWorkers(config: Config, jobs: boolean): Promise<void> {
  const log = newLog(config)
  await openInOrder(async (closing) => {
    const { databaseUrl, announce } = await openInstallation({ config, log, jobs }, closing)
    const count = config.WEB_CONCURRENCY
    const env = config.DATABASE_URL ? {} : { DATABASE_URL: databaseUrl }
    const channels = new Map<Worker, Ask>()
    const countForAll = createCountsForAll()
    const handlers = {
      limits: async (question: unknown) => countForAll(question),
      metrics: async () => sumMetrics(workers.listening().map((worker) => channels.get(worker)!)),
    }
    const greet = (worker: Worker) => {
      channels.set(worker, openChannel(worker, handlers))
      worker.once('exit', () => channels.delete(worker))
    }
    giveBackMemory()
    const workers: Workers = await keepWorkers({ count, env, log, greet })
    closing.add(workers.stop)
    announce(workers.port)
    stopOnSignal(log, () => {}, closing.close)
    workers.failed.catch(async (error: Error) => {
      say(error.message)
      await closing.close()
      process.exit(exitCodeOf(error))
    })
  })
}

/** One of several processes on the same port, started by the one above. */
export async function serveAsWorker(config: Config): Promise<void> {
  const log = newLog(config, { worker: cluster.worker!.id })
  shareCores(config.WEB_CONCURRENCY)
  let app: Awaited<ReturnType<typeof listen>> | undefined
  const ask = openChannel(process, { metrics: async () => app?.metrics.getMetricsAsJSON() })
  const counts = createCountsOfPrimary((question) => ask('limits', question, LIMITS_MS))
  try {
    await openInOrder(async (closing) => {
      const { ctx, close } = await openContext(config, config.DATABASE_URL!, log, { counts })
      closing.add(close)
      const served = await listen(ctx, closing, async () =>
        String(await ask('metrics', {}, METRICS_MS)),
      )
      app = served
      stopOnSignal(log, () => (served.draining.since = Date.now()), closing.close)
    })
  } catch (error) {
    // The channel to the first process would keep this one alive.
    cluster.worker!.disconnect()
    throw error
  }
}

async function sumMetrics(workers: Ask[]): Promise<string> {
  const answers = await Promise.all(workers.map((ask) => ask('metrics', {}, METRICS_MS / 2)))
  const known = answers.filter((answer) => answer !== undefined) as Figures[]
  return AggregatorRegistry.aggregate(known).metrics()
}
