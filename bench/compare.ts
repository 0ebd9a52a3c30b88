import type { Program } from './programs.ts'
import type { Sample } from './load.ts'
import type { Row, Setting, Sides } from './rows.ts'
import { median } from './statistics.ts'

export interface Compared {
  name: string
  work: string
  goal: number
  /** Medians, and of each round the ratio of the two. */
  limit: Sample
  service: Sample
  ratio: number
  ratios: number[]
  /** The same of the processor time that an answer takes: other work on the machine changes it least. */
  cpuRatio: number
  residentMb: number
}

interface Rounds {
  rounds: number
  seconds: number
  /** Whether a round comes first that counts for nothing. */
  warm: boolean
  say: (line: string) => void
}

/** Measures both sides of a row in turn, A B A B. */
export async function compare(
  row: Row,
  setting: Setting,
  { rounds, seconds, warm, say }: Rounds,
): Promise<Compared> {
  const sides = await row.prepare(setting)
  const [limits, services]: [Sample[], Sample[]] = [[], []]
  try {
    for (let round = warm ? 0 : 1; round <= rounds; round++) {
      const [limit, service] = [await sides.limit(seconds), await sides.service(seconds)]
      const ratio = service.perSecond / limit.perSecond
      const which = round === 0 ? 'warming' : `round ${round} of ${rounds}`
      say(
        `${row.name}, ${which}: ${show(limit.perSecond)} and ${show(service.perSecond)} a second, ${ratio.toFixed(2)}`,
      )
      if (round === 0) continue
      limits.push(limit)
      services.push(service)
    }
  } finally {
    await sides.stop()
  }
  const ratios = services.map((one, round) => one.perSecond / limits[round]!.perSecond)
  const { name, work, goal } = row
  const residentMb = await memoryOf(setting.service)
  return {
    name,
    work,
    goal,
    limit: middle(limits),
    service: middle(services),
    ratio: median(ratios),
    ratios,
    cpuRatio: median(services.map((one, i) => limits[i]!.serverMicros / one.serverMicros)),
    residentMb,
  }
}

const memoryOf = (service: Program) => service.residentMb()
const show = (figure: number) => (figure < 100 ? figure.toFixed(1) : figure.toFixed(0))

function middle(samples: Sample[]): Sample {
  const names = Object.keys(samples[0]!) as (keyof Sample)[]
  const middles = names.map((name) => [name, median(samples.map((sample) => sample[name]))])
  return Object.fromEntries(middles) as Sample
}

export type { Sides }

/** One line a row: the ratio, whether it is good, and what it costs. */
export function table(rows: Compared[]): string {
  const head = [
    'work / limit',
    'limit',
    'service',
    'ratio',
    'goal',
    'p50 ms',
    'p99 ms',
    'server µs',
  ]
  const lines = rows.map(({ work, limit, service, ratio, cpuRatio, goal, residentMb }) => [
    work,
    show(limit.perSecond),
    show(service.perSecond),
    ratio.toFixed(2),
    Number.isNaN(cpuRatio) ? '' : cpuRatio.toFixed(2),
    `${goal}${ratio >= goal ? '' : ' missed'}`,
    figure(service.p50),
    figure(service.p99),
    figure(service.serverMicros),
    figure(service.clientMicros),
    residentMb.toFixed(0),
  ])
  const all = [[...head, 'client µs', 'MB'], ...lines]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)))
  return all
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
        )
        .join('  '),
    )
    .join('\n')
}

const figure = (value: number) => (Number.isNaN(value) ? '' : show(value))
