/* oxlint-disable no-console */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, isWhole, startCluster } from './cluster.ts'
import { FAULTS, struck } from './faults.ts'
import { type Cost, costOf, HEAD, line } from './figures.ts'
import { askDoctor, type Front, startFront } from './front.ts'
import { type Load, startLoad } from './load.ts'
import { buildNetworks } from './network.ts'
import { until } from './programs.ts'
import { jobsBehind, judge } from './verdict.ts'
import { type Acknowledged, splitBrain, startWitnesses } from './witness.ts'

interface Scene {
  cluster: Cluster
  front: Front
  load: Load
  told: Acknowledged[]
}

/** Does each fault so many times and prints the table; false when something was not as promised. */
export async function tryAll(
  cluster: Cluster,
  names: readonly string[],
  times: number,
): Promise<boolean> {
  buildNetworks()
  await startCluster(cluster)
  const front = await startFront(cluster)
  const load = await startLoad()
  const { told, stop } = await startWitnesses(cluster, await isWhole(cluster))
  // A code that was just made is not cached for its first 10 s.
  await sleep(12_000)
  const scene: Scene = { cluster, front, load, told }
  const costs: [string, Cost[]][] = []
  for (const name of names) {
    costs.push([FAULTS[name]!.what, []])
    for (let i = 0; i < times; i++) costs.at(-1)![1].push(await tryOnce(scene, name))
  }
  await load.stop()
  await stop()
  const problems = problemsOf(
    scene,
    costs.flatMap(([, all]) => all),
  )
  console.log(`\n${cluster.synchronous ? 'Synchronous' : 'Asynchronous'} standby\n\n${HEAD}`)
  for (const [what, all] of costs) console.log(line(what, all))
  console.log(
    `\n${load.attempts.length} requests, ${load.newcomers.length} registrations acknowledged`,
  )
  console.log(problems.length > 0 ? problems.join('\n') : 'All as promised.')
  return problems.length === 0
}

async function tryOnce(scene: Scene, name: string): Promise<Cost> {
  const { cluster, front, load, told } = scene
  const it = struck(cluster, front, await isWhole(cluster))
  const fault = FAULTS[name]!
  const from = performance.now()
  const signedOut = load.signedOut
  await fault.bite(it)
  await fault.heal?.(it)
  const primary = await isWhole(cluster)
  const whole = performance.now()
  const isAnswered = () => [...load.underWay].every((at) => at > whole)
  await until('all who waited are answered', isAnswered, 240)
  await until('jobs are done again', async () => (await jobsBehind()) === 0)
  const to = performance.now()
  const both = splitBrain(told, from, it.primary)
  const { lost, doubled, witnessLost } = await judge(cluster, primary, { load, told })
  const cost = {
    ...costOf(load.attempts, from, to),
    signedOut: load.signedOut - signedOut,
    lost: lost.length,
    doubled: doubled.length,
    witnessLost,
    splitBrain: both,
  }
  console.log(`${name} ${((to - from) / 1000).toFixed(0)} s`, JSON.stringify(cost))
  return cost
}

function problemsOf({ cluster, front, load }: Scene, costs: readonly Cost[]): string[] {
  const problems: string[] = []
  if (costs.some(({ doubled }) => doubled > 0)) problems.push('Something was done twice.')
  if (cluster.synchronous) {
    if (costs.some(({ lost }) => lost > 0)) problems.push('What was acknowledged was lost.')
    problems.push(...load.wrong.map((what) => `Refused: ${what}`))
  }
  if (
    front.instances.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
  ) {
    problems.push('An instance of the service ended.')
  }
  const found = askDoctor(cluster.folder)
  if (found) problems.push(`invitree doctor: ${found}`)
  return problems
}
