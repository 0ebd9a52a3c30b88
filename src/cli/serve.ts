import cluster from 'node:cluster'
import { defineCommand } from 'citty'
import { type Config, readConfig } from '../config.ts'
import { openInOrder } from '../lib/closing.ts'
import { listen, openInstallation } from './installation.ts'
import { newLog, stopOnSignal } from './process.ts'
import { orExplain } from './run.ts'
import { serveAsWorker, serveByWorkers } from './serve-by-workers.ts'

export const serve = defineCommand({
  meta: {
    name: 'serve',
    description: 'Serve the API, with the embedded PostgreSQL unless DATABASE_URL is set.',
  },
  args: {
    worker: {
      type: 'boolean',
      default: true,
      description: 'Run the background jobs here too',
      negativeDescription: 'Leave them to `invitree work`',
    },
  },
  run: ({ args }) => orExplain(() => start(args.worker)),
})

async function start(jobs: boolean): Promise<void> {
  const config = readConfig(process.env)
  if (cluster.isWorker) return serveAsWorker(config)
  if (config.WEB_CONCURRENCY > 1) return serveByWorkers(config, jobs)
  return serveAlone(config, jobs)
}

async function serveAlone(config: Config, jobs: boolean): Promise<void> {
  const log = newLog(config)
  await openInOrder(async (closing) => {
    const { ctx, announce } = await openInstallation({ config, log, jobs }, closing)
    const app = await listen(ctx, closing)
    const [address] = app.addresses()
    announce(typeof address === 'object' ? address.port : config.PORT)
    stopOnSignal(log, () => (app.draining.since = Date.now()), closing.close)
  })
}
