import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import type { Config } from '../config.ts'
import type { Log } from '../context.ts'
import { serializers } from '../lib/error-log.ts'

const DRAIN_SECONDS = 10
const PARENT_SECONDS = 0.5
// Asked at once: a parent that ends during the start is not noticed later.
const PARENT = process.ppid

/** The log of a process that runs until it is stopped: JSON lines on standard output. */
export const newLog = ({ LOG_LEVEL }: Config, base: object | null = null): Log =>
  pino({ level: LOG_LEVEL, base, timestamp: pino.stdTimeFunctions.isoTime, serializers })

/** First no longer ready, then no new connections, then the requests under way, at most 10 s in all. */
export function stopOnSignal(log: Log, drain: () => void, stop: () => Promise<void>): void {
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
  if (process.env['npm_lifecycle_event'] === 'start') endWithParent(() => onSignal('SIGTERM'))
}

// npm ends on a signal, but the shell between it and this process hands none on.
function endWithParent(end: () => Promise<void>): void {
  setInterval(() => process.ppid !== PARENT && void end(), PARENT_SECONDS * 1000).unref()
}
