import type { Context } from '../context.ts'
import type { PageQuery } from '../db/page.ts'
import { AppError } from '../errors.ts'
import type { Actor, Principal } from '../http/auth.ts'
import { parseTimestamp } from '../lib/dates.ts'
import { newId, parseId } from '../lib/ids.ts'
import * as queries from './queries.ts'
import type { Action, Details } from './schemas.ts'

export { listSecurityEvents } from './queries.ts'

interface Event {
  action: Action
  /** Whose account it concerns. */
  user_id?: string
  /** What was changed besides: the id of a code, a session or a job. */
  target_id?: string
  details?: Details
}

/** Writes down who did what. Call it in the transaction of the change: both are there or neither is. */
export function record(ctx: Context, by: Actor, event: Event): Promise<void> {
  return queries.insertEvent(ctx.db, {
    id: newId(),
    actor_id: by.id,
    request_id: by.request_id,
    user_id: event.user_id ?? null,
    target_id: event.target_id ?? null,
    action: event.action,
    details: JSON.stringify(event.details ?? {}),
  })
}

interface ListQuery extends PageQuery {
  action?: Action
  actor_id?: string
  user_id?: string
  from?: string
  to?: string
}

/** A page of the trail, newest first; `me` among the filters is the administrator who asks. */
export function listEvents(ctx: Context, principal: Principal, query: ListQuery) {
  const { actor_id, user_id, from, to, action, ...page } = query
  const filters = {
    ...(action && { action }),
    ...(actor_id && { actor_id: readPerson(principal, actor_id, '/query/actor_id') }),
    ...(user_id && { user_id: readPerson(principal, user_id, '/query/user_id') }),
    ...(from && { from: parseTimestamp(from)! }),
    ...(to && { to: parseTimestamp(to)! }),
  }
  return queries.listEvents(ctx.db, filters, page)
}

function readPerson(principal: Principal, text: string, pointer: string): string {
  const id = text === 'me' ? principal.id : parseId(text)
  if (!id) throw new AppError('validation_failed', { pointer })
  return id
}
