import pino from 'pino'
import { connect } from '../db/connect.ts'
import { findViolations } from '../db/invariants.ts'
import { load } from '../db/load.ts'
import type { Source } from '../db/snapshot.ts'
import { openJobs } from '../jobs/boss.ts'
import { serializers } from '../lib/error-log.ts'
import { CommandError } from './command-error.ts'
import { showProgress } from './progress.ts'
import { say } from './run.ts'

/** Puts everything of `source` into the empty database at `url`, then asks whether every rule holds there. */
export async function fill(url: string, source: Source): Promise<void> {
  // Makes the tables of the job queue.
  const jobs = await openJobs(url, pino({ level: 'warn', serializers }, pino.destination(2)))
  await jobs.close()
  const total = source.tables.reduce((sum, table) => sum + table.rows, 0)
  const progress = showProgress(total, 'rows')
  let done = 0
  try {
    await load(url, source, (rows) => progress.update((done += rows)))
  } finally {
    progress.stop()
  }
  say('Every row came. Now every rule is asked, as `invitree doctor` does.')
  const database = connect(url)
  try {
    const broken = await findViolations(database.db)
    if (broken.length > 0) {
      throw new CommandError(`All is copied, but broken: ${broken.map(({ id }) => id).join(', ')}.`)
    }
  } finally {
    await database.db.destroy()
  }
  process.stdout.write(
    `${total} rows of ${source.tables.length} tables are there, every rule holds.\n`,
  )
}
