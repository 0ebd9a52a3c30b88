import { type Insertable, sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { longPageOf, madeWithin, type PageQuery } from '../db/page.ts'
import type { DB } from '../db/schema.ts'
import { type Action, type Details, SECURITY_ACTIONS, type SecurityAction } from './schemas.ts'

export interface Filters {
  action?: Action
  actor_id?: string
  user_id?: string
  from?: Date
  to?: Date
}

export async function insertEvent(db: Db, values: Insertable<DB['audit_events']>): Promise<void> {
  await db.insertInto('audit_events').values(values).execute()
}

/** A page of the trail, newest first; names are those of this moment. */
export function listEvents(db: Db, filters: Filters, page: PageQuery) {
  const events = filtered(db, filters)
    .leftJoin('users as actors', 'actors.id', 'audit_events.actor_id')
    .leftJoin('users', 'users.id', 'audit_events.user_id')
    .select([
      'audit_events.id',
      'audit_events.at',
      'audit_events.action',
      'audit_events.target_id',
      'audit_events.details',
      'audit_events.request_id',
      named('actors').as('actor'),
      named('users').as('user'),
    ])
    .$narrowType<{ action: Action; details: Details }>()
  return longPageOf(db, events, 'audit_events.id', page)
}

/** What happened to the account of a user, as the user is shown it. */
export function listSecurityEvents(db: Db, userId: string, page: PageQuery) {
  const events = db
    .selectFrom('audit_events')
    .leftJoin('sessions', (join) =>
      join.on('sessions.id', '=', sessionId).onRef('sessions.user_id', '=', 'audit_events.user_id'),
    )
    .where('audit_events.user_id', '=', userId)
    .where('action', 'in', SECURITY_ACTIONS)
    .select([
      'audit_events.id',
      'audit_events.at',
      'audit_events.action',
      doneBy.as('by'),
      'sessions.user_agent as device',
      'audit_events.target_id',
      'audit_events.details',
    ])
    .$narrowType<{ action: SecurityAction; details: Details }>()
  return longPageOf(db, events, 'audit_events.id', page)
}

const named = (table: 'actors' | 'users') =>
  sql<{ id: string; name: string | null } | null>`
    case when ${sql.ref(table)}.id is not null then json_build_object(
      'id', ${sql.ref(table)}.id,
      'name', coalesce(${sql.ref(table)}.username, ${sql.ref(table)}.email)) end`

const doneBy = sql<'me' | 'administrator' | null>`
  case when actor_id = audit_events.user_id then 'me'
    when actor_id is not null then 'administrator' end`

const sessionId = sql<string>`
  case when action in ('account.new_device', 'account.session_ended') then target_id::uuid end`

function filtered(db: Db, { action, actor_id, user_id, from, to }: Filters) {
  return db
    .selectFrom('audit_events')
    .where(madeWithin({ id: 'audit_events.id', at: 'audit_events.at' }, { from, to }))
    .$if(action !== undefined, (query) => query.where('audit_events.action', '=', action!))
    .$if(actor_id !== undefined, (query) => query.where('audit_events.actor_id', '=', actor_id!))
    .$if(user_id !== undefined, (query) => query.where('audit_events.user_id', '=', user_id!))
}
