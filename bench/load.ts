import { Agent } from 'node:http'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { hash } from '@node-rs/argon2'
import autocannon, { type Client, type Options } from 'autocannon'
import { ask } from './http-client.ts'
import type { Program } from './programs.ts'

/** What one round of one side came to. */
export interface Sample {
  perSecond: number
  p50: number
  p99: number
  /** Answers with a status of 5xx, a second. */
  refusedPerSecond: number
  /** Microseconds of processor time for each answer, of the server and of this process that asks. */
  serverMicros: number
  clientMicros: number
}

/** One side of a comparison: it works for that long and says how far it came. */
export type Load = (seconds: number) => Promise<Sample>

interface Requests {
  url: string
  connections?: number
  headers?: Record<string, string>
  requests?: NonNullable<Options['requests']>
  overallRate?: number
  setupClient?: (client: Client) => void
  /** 503 is an answer too: the service sheds what is too much. */
  shedding?: boolean
  /** How many answers may be no success: where a round ends between two requests that belong together. */
  spoilt?: number
}

/** Asks a program over connections that stay open, each the next as soon as the last was answered. */
export function httpLoad(program: Program, { shedding, spoilt = 0, ...requests }: Requests): Load {
  return async (seconds) => {
    const processorTime = await countProcessorTime(program)
    const result = await autocannon({ connections: 32, duration: seconds, ...requests })
    const shed = result.statusCodeStats?.['503']?.count ?? 0
    const good = result['1xx'] + result['2xx'] + result['3xx']
    const bad = result['4xx'] + result['5xx'] + result.errors - (shedding ? shed : 0)
    if (bad > spoilt)
      throw new Error(
        `${requests.url}: ${JSON.stringify(result.statusCodeStats)}, ${result.errors} errors`,
      )
    return {
      perSecond: good / result.duration,
      p50: result.latency.p50,
      p99: result.latency.p99,
      refusedPerSecond: shed / result.duration,
      ...(await processorTime(good)),
    }
  }
}

/** Counts from now on; tells for so many answers what each took, of the program and of this process. */
async function countProcessorTime(program: Program) {
  const [serverBefore, clientBefore] = [await program.cpuSeconds(), process.cpuUsage()]
  return async (answers: number): Promise<Pick<Sample, 'serverMicros' | 'clientMicros'>> => {
    const server = (await program.cpuSeconds()) - serverBefore
    const { user, system } = process.cpuUsage(clientBefore)
    return { serverMicros: (server * 1e6) / answers, clientMicros: (user + system) / answers }
  }
}

/** Password hashes of the service's parameters, on all cores. */
export const hashLoad: Load = async (seconds) => {
  const before = process.cpuUsage()
  const since = performance.now()
  let hashes = 0
  const workers = Array.from({ length: availableParallelism() }, async () => {
    while (performance.now() - since < seconds * 1000) {
      await hash('a bench needs a password', { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 })
      hashes++
    }
  })
  await Promise.all(workers)
  const { user, system } = process.cpuUsage(before)
  const perSecond = hashes / ((performance.now() - since) / 1000)
  const [p50, p99] = [Number.NaN, Number.NaN]
  const serverMicros = (user + system) / hashes
  return { perSecond, p50, p99, refusedPerSecond: 0, serverMicros, clientMicros: 0 }
}

/** Does the same so many times at once, each the next as soon as the last is done. */
export function transactions(atOnce: number, work: () => Promise<void>): Load {
  return async (seconds) => {
    const taken: number[] = []
    const began = performance.now()
    const until = began + seconds * 1000
    const worker = async () => {
      for (let since = began; since < until; since = performance.now()) {
        await work()
        taken.push(performance.now() - since)
      }
    }
    const before = process.cpuUsage()
    await Promise.all(Array.from({ length: atOnce }, worker))
    const { user, system } = process.cpuUsage(before)
    const perSecond = taken.length / ((performance.now() - began) / 1000)
    const clientMicros = (user + system) / taken.length
    return {
      ...timesOf(taken),
      perSecond,
      refusedPerSecond: 0,
      serverMicros: Number.NaN,
      clientMicros,
    }
  }
}

/** Loads several programs at once, as if they were one. */
export function together(loads: Load[]): Load {
  return async (seconds) => {
    const samples = await Promise.all(loads.map((load) => load(seconds)))
    const sum = (of: (sample: Sample) => number) => samples.reduce((all, one) => all + of(one), 0)
    const perSecond = sum((one) => one.perSecond)
    const mean = (of: (sample: Sample) => number) =>
      sum((one) => of(one) * one.perSecond) / perSecond
    return {
      perSecond,
      p50: mean((one) => one.p50),
      p99: Math.max(...samples.map((one) => one.p99)),
      refusedPerSecond: sum((one) => one.refusedPerSecond),
      serverMicros: mean((one) => one.serverMicros),
      // Each counted what this process took for all of them.
      clientMicros: Math.max(...samples.map((one) => one.clientMicros)) / samples.length,
    }
  }
}

function timesOf(taken: number[]): Pick<Sample, 'p50' | 'p99'> {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

/** Asks one after another and tells each answer's milliseconds, finer than a load generator does. */
export async function latencies(url: string, seconds: number): Promise<number[]> {
  const until = performance.now() + seconds * 1000
  const taken: number[] = []
  while (performance.now() < until) {
    const since = performance.now()
    const answer = await fetch(url)
    await answer.arrayBuffer()
    taken.push(performance.now() - since)
    await sleep(2)
  }
  return taken.toSorted((a, b) => a - b)
}

/** Asks so many times a second whether or not answers come, as people do. */
export async function openLoop(
  program: Program,
  request: { url: string; method: string; headers: Record<string, string>; body: string },
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Sample> {
  const { url, body, ...options } = request
  const agent = new Agent({ keepAlive: true })
  const taken: number[] = []
  const waiting: Promise<void>[] = []
  let shed = 0
  const askOnce = async () => {
    const since = performance.now()
    const { statusCode: status = 0, headers } = await ask(url, { ...options, agent }, body)
    if (status < 300) taken.push(performance.now() - since)
    else if (status === 503 && headers['retry-after']) shed++
    else throw new Error(`${url}: ${status}`)
  }
  const processorTime = await countProcessorTime(program)
  const began = performance.now()
  while (performance.now() - began < seconds * 1000) {
    const due = ((performance.now() - began) / 1000) * perSecond
    while (waiting.length < due) waiting.push(askOnce())
    // A few at a time: to wake up for each would take from the service's cores what a real crowd does not.
    await sleep(20)
  }
  await Promise.all(waiting)
  agent.destroy()
  const took = (performance.now() - began) / 1000
  return {
    ...timesOf(taken),
    perSecond: taken.length / took,
    refusedPerSecond: shed / took,
    ...(await processorTime(taken.length)),
  }
}
