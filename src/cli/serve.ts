import { setTimeout as sleep } from 'node:timers/promises'
import { defineCommand } from 'citty'
import pino from 'pino'
import { buildApp, prepare } from '../app.ts'
import { rotateKeys } from '../auth/keys.ts'
import { type Config, readConfig } from '../config.ts'
import type { Log } from '../context.ts'
import { MINUTE } from '../lib/dates.ts'
import { openContext, openDatabase } from '../open.ts'
import { orExplain, say } from './run.ts'

const DRAIN_SECONDS = 10
const ROTATION_MS = 60 * MINUTE

export const serve = defineCommand({
  meta: {
    name: 'serve',
    description: 'Serve the API, with the embedded PostgreSQL unless DATABASE_URL is set.',
  },
  run: () => orExplain(start),
})

async function start(): Promise<void> {
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

const newLog = ({ LOG_LEVEL }: Config): Log =>
  pino({ level: LOG_LEVEL, base: null, timestamp: pino.stdTimeFunctions.isoTime })

/** First no longer ready, then no new connections, then the requests under way, at most 10 s in all. */
function stopOnSignal(log: Log, drain: () => void, stop: () => Promise<void>): void {
  let stopping = false
  const onSignal = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    drain()
    const late = sleep(DRAIN_SECONDS * 1000, 'late', { ref: false })
    const outcome = await Promise.race([stop().then(() => 'done'), late])
    if (outcome === 'late') log.warn('stopped before every request had ended')
    process.exit(outcome === 'late' ? 1 : 0)
  }
  process.on('SIGTERM', (signal) => void onSignal(signal))
  process.on('SIGINT', (signal) => void onSignal(signal))
}
