import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const EVERY_MS = 500
const PATIENCE_MS = 180_000
const WAITING = `select count(*)::int as jobs from pgboss.job
  where state in ('created', 'active') and start_after <= now()`

/** Waits until the jobs that a row left behind are done: its mails would be written while the next one is measured. */
export async function jobsDone(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(EVERY_MS)) {
      const { rows } = await client.query<{ jobs: number }>(WAITING)
      const jobs = rows[0]!.jobs
      if (jobs === 0) return
      if (Date.now() > until) throw new Error(`${jobs} jobs are still not done`)
    }
  } finally {
    await client.end()
  }
}
