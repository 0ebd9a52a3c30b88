import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { type PageQuery, pageOf } from '../db/page.ts'
import { namelessReason } from '../lib/reasons.ts'
import { DEAD_LETTERS, type JobName, type Jobs, QUEUES } from './catalogue.ts'

interface JobTable {
  id: string
  name: string
  data: { mail?: string; user_id?: string | null }
  created_on: Date
  source_name: JobName
  source_created_on: Date
  source_retry_count: number
}

export interface QueueDepth {
  name: JobName
  waiting: number
  active: number
  failed: number
}

const jobs = (db: Db) => db.withTables<{ 'pgboss.job': JobTable }>().selectFrom('pgboss.job')
const failedJobs = (db: Db) =>
  jobs(db)
    .where('name', '=', DEAD_LETTERS)
    .where(sql<boolean>`state < 'active'`)

// Ids of jobs do not sort by time, and what a page goes by does.
const place = sql<string>`(lpad(to_hex((extract(epoch from created_on) * 1000000)::bigint), 16, '0')
  || right(replace(id::text, '-', ''), 16))::uuid`

/** Jobs that failed for good, the last first, with why: without personal data, as their payloads are. */
export async function listFailed(db: Db, query: PageQuery) {
  const all = failedJobs(db)
  const placed = all.select([
    place.as('id'),
    'id as job_id',
    'source_name as name',
    sql<Jobs['mail']['mail'] | null>`data->>'mail'`.as('mail'),
    sql<string | null>`data->>'user_id'`.as('user_id'),
    'source_created_on as created_at',
    'created_on as failed_at',
    sql<number>`source_retry_count + 1`.as('tries'),
    sql<string | null>`coalesce(source_output, output)->>'message'`.as('reason'),
  ])
  const page = await pageOf(db.selectFrom(placed.as('failed')).selectAll(), 'id', query, () =>
    all
      .select((job) => job.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
      .then(({ total }) => total),
  )
  const items = page.items.map(({ job_id, reason, ...job }) => ({
    ...job,
    id: job_id,
    reason: namelessReason(reason ?? 'no reason is known'),
  }))
  return { ...page, items }
}

/** The name of a job that failed for good. */
export async function findFailed(db: Db, id: string): Promise<JobName | undefined> {
  const found = await failedJobs(db).select('source_name').where('id', '=', id).executeTakeFirst()
  return found?.source_name
}

/** How many jobs of each name wait, run, and failed for good. */
export async function countJobs(db: Db): Promise<QueueDepth[]> {
  const { rows } = await sql<QueueDepth>`
    select name,
      (select count(*) from pgboss.job where job.name = queues.name and state < 'active') as waiting,
      (select count(*) from pgboss.job where job.name = queues.name and state = 'active') as active,
      (select count(*) from pgboss.job where job.name = ${DEAD_LETTERS} and state < 'active'
        and source_name = queues.name) as failed
    from unnest(${Object.keys(QUEUES)}::text[]) with ordinality as queues (name, place)
    order by place`.execute(db)
  return rows
}
