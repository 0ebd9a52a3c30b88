import { appendFileSync } from 'node:fs'
import { expect } from 'vitest'
import { check, type Verdict } from './checker.ts'
import { type Load, startLoad } from './generator.ts'
import { figuresOf, inexcusable } from './history.ts'

/** A fault as the results name it, and how often it is done. */
export interface Trial {
  fault: string
  times: number
  seed: number
}

/** Where the service answers, and the database that it writes to. */
export interface Target {
  address: string
  url: string
  /** How many ask at once. */
  clients?: number
}

/** Does the fault; gives the milliseconds that each recovery took. */
export type Nemesis = (load: Load) => Promise<number[]>

/** The seed of a test: drawn anew by `FAULTS_SEED=…`, else the same in each run. */
export const seedOf = (test: number): number => Number(process.env['FAULTS_SEED'] ?? 0) * 100 + test

/**
 * Does a fault to a service under load, which then goes on until it succeeds again. Whatever was acknowledged
 * is there, whatever was refused is not, every invariant holds, and no answer was worse than a 503 that
 * says when to come back.
 */
export async function survive(trial: Trial, target: Target, nemesis: Nemesis) {
  const { address, url, clients } = target
  const load = startLoad(address, trial.seed, clients)
  await load.more('ok', 12)
  const recoveries = await nemesis(load)
  await load.more('ok', 12)
  const history = await load.stop()
  const verdict = await check(url, history)
  const figures = figuresOf(history)
  publish({ ...trial, ...figures, recoveries, ...countsOf(verdict) })
  expect({ ...verdict, inexcusable: inexcusable(history) }).toEqual({
    lost: [],
    refusedButPresent: [],
    duplicates: [],
    violations: [],
    inexcusable: [],
  })
  return { history, figures, recoveries }
}

/** A line of the results, for `npm run test:faults` to make its table of. */
export function publish(result: object): void {
  const file = process.env['FAULTS_RESULTS']
  if (file) appendFileSync(file, `${JSON.stringify(result)}\n`)
}

const countsOf = (verdict: Verdict) =>
  Object.fromEntries(Object.entries(verdict).map(([name, found]) => [name, (found as []).length]))
