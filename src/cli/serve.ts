import { join } from 'node:path'
import { defineCommand } from 'citty'
import { buildApp, prepare } from '../app.ts'
import { rotateKeys } from '../auth/keys.ts'
import { readConfig } from '../config.ts'
import { MINUTE } from '../lib/dates.ts'
import { openContext, openDatabase } from '../open.ts'
import { startWorker } from '../worker.ts'
import { newLog, stopOnSignal } from './process.ts'
import { orExplain, say } from './run.ts'

const ROTATION_MS = 60 * MINUTE

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

async function start(worker: boolean): Promise<void> {
  const config = readConfig(process.env)
  const log = newLog(config)
  const warn = (err: unknown) => log.warn({ err }, 'signing keys not rotated')
  const database = await openDatabase(config, 'serve', say)
  const closing: (() => Promise<void>)[] = [() => database.stop()]
  const stop = () => closing.reduceRight((done, close) => done.then(close), Promise.resolve())
  try {
    const { ctx, close } = await openContext(config, database.url, log)
    closing.push(close)
    await prepare(ctx)
    const rotation = setInterval(() => void rotateKeys(ctx).catch(warn), ROTATION_MS)
    closing.push(async () => clearInterval(rotation))
    const app = await buildApp(ctx)
    closing.push(() => app.close())
    if (worker) await startWorker(ctx)
    if (!config.SMTP_URL)
      log.info({ folder: join(config.DATA_DIR, 'outbox') }, 'mails are kept as files')
    await app.listen({ port: config.PORT, host: config.HOST })
    const [address] = app.addresses()
    const port = typeof address === 'object' ? address.port : config.PORT
    say(
      `Invitree serves on http://localhost:${port}, its documentation on http://localhost:${port}/docs`,
    )
    stopOnSignal(log, () => (app.draining.since = Date.now()), stop)
  } catch (error) {
    await stop()
    throw error
  }
}
