import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../context.ts'
import { inspectServer } from '../../db/inspect.ts'
import { INVARIANTS } from '../../db/invariants.ts'
import { MINUTE, SECOND } from '../../lib/dates.ts'
import * as checks from './checks.ts'

/** What one run of the checks has found so far. */
export interface Examination {
  started_at: Date
  findings: checks.Finding[]
  running: boolean
}

const KEPT_MS = MINUTE
const PATIENCE_MS = 8 * SECOND
const INVARIANT_MS = 5 * SECOND

type Run = Examination & { done: Promise<void>; endedAt: number }

/**
 * Runs the checks of `doctor` in the service: one run at a time, remembered for a minute, so that however many
 * ask, it costs the same. Whoever asks waits some seconds at most, and is told what was found until then.
 */
export function createExaminer(ctx: Context) {
  const stop = new AbortController()
  const servers = remembered(() => begin(ctx, examineServers(ctx), stop.signal))
  const data = remembered(() => begin(ctx, examineData(ctx), stop.signal))
  return {
    async examine({ thoroughly }: { thoroughly: boolean }): Promise<Examination> {
      const runs = thoroughly ? [servers(), data()] : [servers()]
      const done = Promise.all(runs.map((run) => run.done))
      await Promise.race([done, sleep(PATIENCE_MS, undefined, { ref: false })])
      return {
        started_at: runs[0]!.started_at,
        findings: runs.flatMap((run) => run.findings),
        running: runs.some((run) => run.running),
      }
    },
    /** Ends what runs, after the check under way. */
    async close(): Promise<void> {
      stop.abort()
      await Promise.all([servers.last?.done, data.last?.done])
    },
  }
}

type Remembered = (() => Run) & { last?: Run }

function remembered(start: () => Run): Remembered {
  const run: Remembered = () => {
    if (!run.last || performance.now() > run.last.endedAt + KEPT_MS) run.last = start()
    return run.last
  }
  return run
}

function begin(ctx: Context, found: AsyncGenerator<checks.Finding>, stop: AbortSignal): Run {
  const run: Run = {
    started_at: new Date(ctx.clock.now()),
    findings: [],
    running: true,
    endedAt: Infinity,
    done: Promise.resolve(),
  }
  const collect = async () => {
    for await (const finding of found) {
      run.findings.push(finding)
      if (stop.aborted) break
    }
  }
  run.done = collect()
    .catch((error: unknown) => {
      ctx.log.warn({ err: error }, 'checks not ended')
      run.findings.push(checks.explain(error))
    })
    .finally(() => {
      run.running = false
      run.endedAt = performance.now()
    })
  return run
}

async function* examineServers(ctx: Context): AsyncGenerator<checks.Finding> {
  const { config, db, database } = ctx
  // At once, since each may be waited for.
  const others = [checks.checkRedis(config), checks.checkMail(config, ctx.mail)]
  for (const finding of [...others, ...checks.checkIntegrations(config)]) yield await finding
  const server = await inspectServer(db)
  yield checks.checkServer(server)
  yield checks.checkClock(server)
  yield await checks.checkMigrations(database.url)
  yield checks.checkSecretFile(config)
  yield await checks.checkConstraints(db)
}

async function* examineData({ db }: Context): AsyncGenerator<checks.Finding> {
  const remedy = 'Run `invitree doctor`, which takes all the time that it needs.'
  for (const invariant of INVARIANTS) {
    yield await checks.checkInvariant(db, invariant, { patienceMs: INVARIANT_MS, remedy })
  }
}
