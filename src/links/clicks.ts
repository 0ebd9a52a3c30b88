import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, Gauge } from 'prom-client'
import type { Context } from '../context.ts'
import { networkOf } from '../lib/addresses.ts'
import { DAY } from '../lib/dates.ts'
import { deriveKey, mac16 } from '../lib/secrets.ts'
import { createClickQueue } from './click-queue.ts'
import type { KnownCode, Link } from './landing.ts'
import { insertClicks } from './queries.ts'
import type { Visit } from './visits.ts'

/** The code that a visit is a click on: it is one from here on. Undefined for a visit that is none. */
export type RecordClick = (
  visit: Visit,
  link: Link,
  request: FastifyRequest,
) => KnownCode | undefined

/**
 * Counts clicks: visits of people to codes that work. What a day's visitors are called by is derived for that
 * day alone, so that nobody is followed from one day to the next.
 */
export function recordClicks(app: FastifyInstance, ctx: Context): RecordClick {
  const outcomes = new Counter({
    name: 'invitree_clicks_total',
    help: 'Visits of share links since start: counted, repeated within the day, dropped, or why they were none',
    labelNames: ['outcome'],
    registers: [app.metrics],
  })
  const queue = createClickQueue({
    write: (batch) => insertClicks(ctx.db, batch),
    count: (outcome, clicks) => outcomes.inc({ outcome }, clicks),
    log: ctx.log,
  })
  const waiting: Gauge = new Gauge({
    name: 'invitree_clicks_waiting',
    help: 'Clicks of this process that are not in the database yet: what a kill would lose',
    registers: [app.metrics],
    collect: () => waiting.set(queue.waiting()),
  })
  app.addHook('onClose', () => queue.close())
  const visitorOf = createDailyVisitors(ctx)

  return (visit, link, request) => {
    if (visit === 'person' && link.state === 'active') {
      queue.add({ code_id: link.id, ...visitorOf(request) })
      return link
    }
    outcomes.inc({ outcome: visit === 'person' ? link.state : visit })
    return undefined
  }
}

function createDailyVisitors({ clock, secret }: Context) {
  return ({ ip, headers }: FastifyRequest) => {
    const at = clock.now()
    const key = deriveKey(secret, `clicks of day ${Math.floor(at / DAY)}`)
    return { at, visitor: mac16(key, `${networkOf(ip)} ${headers['user-agent'] ?? ''}`) }
  }
}
