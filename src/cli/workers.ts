import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../context.ts'
import { SECOND } from '../lib/dates.ts'
import { CommandError } from './command-error.ts'

const EXIT_SOFTWARE = 70
const STABLE_MS = 10 * SECOND
const LONGEST_PAUSE_MS = 2 * SECOND
const DEATHS_MAX = 8
const STOP_MS = 11 * SECOND

export interface Workers {
  /** The port that all of them listen on, once all do. */
  port: number
  /** Those that listen. */
  listening(): Worker[]
  /** Rejects with what to tell when it is of no use to go on. */
  failed: Promise<never>
  stop(): Promise<void>
}

interface Options {
  count: number
  env: Record<string, string>
  log: Log
  greet(worker: Worker): void
}

/**
 * Keeps `count` workers alive: each that dies is replaced, at once or, when they die soon after their start
 * again and again, after growing pauses; at last it is given up. Resolves when all of them listen.
 */
export async function keepWorkers({ count, env, log, greet }: Options): Promise<Workers> {
  const listening = new Set<Worker>()
  const all = new Set<Worker>()
  const ready = Promise.withResolvers<number>()
  const failure = Promise.withResolvers<never>()
  let stopping = false
  let deaths = 0
  let port: number | undefined

  function start(): void {
    if (stopping) return
    const worker = cluster.fork(env)
    const since = performance.now()
    all.add(worker)
    greet(worker)
    worker.once('listening', (address) => {
      listening.add(worker)
      port = address.port
      if (listening.size === count) ready.resolve(port)
    })
    worker.once('exit', (code, signal) => {
      all.delete(worker)
      listening.delete(worker)
      if (!stopping) replace(code, signal, performance.now() - since)
    })
  }

  function replace(code: number, signal: string, livedMs: number): void {
    // One that refuses to start has said why, and another would say the same.
    if (port === undefined && code > 0) return failure.reject(new CommandError(REFUSING, code))
    deaths = livedMs > STABLE_MS ? 1 : deaths + 1
    if (deaths > DEATHS_MAX) return failure.reject(new CommandError(CRASHING, EXIT_SOFTWARE))
    const pauseMs = deaths === 1 ? 0 : Math.min(100 * 2 ** deaths, LONGEST_PAUSE_MS)
    log.warn({ code, signal, pause_ms: pauseMs }, 'a worker ended, another takes its place')
    setTimeout(start, pauseMs)
  }

  const stop = () => {
    stopping = true
    return endAll([...all])
  }

  for (let i = 0; i < count; i++) start()
  failure.promise.catch(() => {})
  try {
    const chosen = await Promise.race([ready.promise, failure.promise])
    return { port: chosen, listening: () => [...listening], failed: failure.promise, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function endAll(workers: Worker[]): Promise<void> {
  const ended = workers.map(async (worker) => {
    const exit = once(worker, 'exit')
    worker.process.kill('SIGTERM')
    const late = await Promise.race([exit, sleep(STOP_MS, 'late', { ref: false })])
    if (late === 'late') worker.process.kill('SIGKILL')
    await exit
  })
  await Promise.all(ended)
}

const REFUSING = 'A worker could not start: it has said why.'
const CRASHING =
  `The workers ended ${DEATHS_MAX} times in a row soon after their start: the log above says why. ` +
  'Mend that, then start again.'
