import { fromKysely, PgBoss } from 'pg-boss'
import type { Db } from '../db/connect.ts'
import { SECOND } from '../lib/dates.ts'
import { namelessReason } from '../lib/reasons.ts'
import { DEAD_LETTERS, type JobName, type Jobs, QUEUES, SCHEDULE } from './catalogue.ts'

export interface JobLog {
  warn(object: object, message: string): void
}

export interface JobRun<Name extends JobName> {
  /** The same at every retry. */
  id: string
  payload: Jobs[Name]
}

export type Handlers = { [Name in JobName]: (run: JobRun<Name>) => Promise<void> }

export interface JobQueue {
  /** Call it with the transaction that changes the data: the job exists if and only if the change does. */
  enqueue<Name extends JobName>(db: Db, name: Name, payload: Jobs[Name]): Promise<void>
  /** Runs jobs in this process until it is closed; those under way are finished first. */
  work(handlers: Handlers): Promise<void>
  /** Puts a job that failed for good back into its queue, in this transaction; false when it is not there. */
  retry(db: Db, id: string): Promise<boolean>
  close(): Promise<void>
}

const PATIENCE_MS = 60 * SECOND
const POLL_SECONDS = 0.5
const STOP_MS = 8 * SECOND
const DAY_SECONDS = 86_400

/**
 * Opens the durable queue in the database at `url`, making its tables at the first start. A connection that owes an
 * answer for longer than `patienceMs` is ended, and another takes its place.
 */
export async function openJobs(
  url: string,
  log: JobLog,
  patienceMs = PATIENCE_MS,
): Promise<JobQueue> {
  // Handed on to pg, which its types do not say.
  const bounds = { query_timeout: patienceMs }
  const boss = new PgBoss({
    connectionString: url,
    max: 3,
    application_name: 'invitree jobs',
    connectionTimeoutMillis: 5 * SECOND,
    ...bounds,
    // How often it looks for jobs whose worker died.
    monitorIntervalSeconds: 10,
  })
  // A connection that is lost reports here; what waits is tried again.
  boss.on('error', (err) => log.warn({ err }, 'job queue'))
  try {
    await boss.start()
    await createQueues(boss)
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {})
    throw error
  }
  return {
    async enqueue(db, name, payload) {
      await boss.send(name, payload, { db: fromKysely(db) })
    },
    work: (handlers) => startWorkers(boss, handlers, log),
    async retry(db, id) {
      return (await boss.redrive(DEAD_LETTERS, { ids: [id], db: fromKysely(db) })) > 0
    },
    close: () => boss.stop({ graceful: true, timeout: STOP_MS }),
  }
}

async function createQueues(boss: PgBoss): Promise<void> {
  const known = new Set((await boss.getQueues()).map((queue) => queue.name))
  if (!known.has(DEAD_LETTERS))
    await boss.createQueue(DEAD_LETTERS, { retentionSeconds: 90 * DAY_SECONDS })
  for (const [name, options] of Object.entries(QUEUES)) {
    const settings = {
      ...options,
      retryBackoff: true,
      deadLetter: DEAD_LETTERS,
      deleteAfterSeconds: DAY_SECONDS,
    }
    await (known.has(name) ? boss.updateQueue(name, settings) : boss.createQueue(name, settings))
  }
}

async function startWorkers(boss: PgBoss, handlers: Handlers, log: JobLog): Promise<void> {
  for (const name of Object.keys(QUEUES) as JobName[]) {
    const handle = handlers[name] as (run: JobRun<JobName>) => Promise<void>
    const work = { id: '' }
    work.id = await boss.work<Jobs[JobName]>(
      name,
      { pollingIntervalSeconds: POLL_SECONDS },
      async ([job]) => {
        if (!job) return
        // Where one waited there may be more: the next is looked for at once, not at the next poll.
        boss.notifyWorker(work.id)
        await handle({ id: job.id, payload: job.data }).catch((error: unknown) => {
          // The queue keeps all of an error, and a database's names the values that it was given.
          const reason = namelessReason(error)
          log.warn({ job: name, id: job.id, reason }, 'job failed')
          throw new Error(reason)
        })
      },
    )
  }
  for (const [name, cron] of Object.entries(SCHEDULE)) await boss.schedule(name, cron)
}
