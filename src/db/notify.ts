import { sql } from 'kysely'
import { Client, type Notification } from 'pg'
import { SECOND } from '../lib/dates.ts'
import type { Db } from './connect.ts'
import { hot } from './hot.ts'

const CONNECT_MS = SECOND
const HEARTBEAT_MS = 2 * SECOND
const ANSWER_MS = 1.5 * SECOND

export interface Listener {
  /** Resolves with the reason when nothing will be heard any more. */
  broken: Promise<unknown>
  close(): void
}

/** Every listener of the database hears each payload when the transaction `db` commits, and only then. */
export async function notify(db: Db, channel: string, payloads: string[]): Promise<void> {
  for (const payload of payloads) await notifyOnce(db, channel, payload)
}

const notifyOnce = hot('notify', (db, channel: string, payload: string) =>
  db.selectNoFrom(sql`pg_notify(${channel}, ${payload})`.as('told')),
)

/**
 * A connection of its own that hears `channel`: it counts as listening once it has heard itself, and as
 * broken within 4 s when the server no longer answers.
 */
export async function listen(
  url: string,
  channel: string,
  hear: (payload: string) => void,
): Promise<Listener> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    application_name: 'invitree listener',
  })
  const { promise: broken, resolve: breakWith } = Promise.withResolvers<unknown>()
  client.on('error', breakWith)
  client.on('end', () => breakWith(new Error('the connection ended')))
  const close = () => {
    breakWith(undefined)
    client.end().catch(() => {})
  }
  try {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    await hearMyself(client, channel)
  } catch (error) {
    close()
    throw error
  }
  client.on('notification', ({ payload }) => hear(payload ?? ''))
  watch(client, broken, (error) => {
    breakWith(error)
    close()
  })
  return { broken, close }
}

// Through a pooler of transactions LISTEN succeeds and nothing is ever heard.
async function hearMyself(client: Client, channel: string): Promise<void> {
  let heard = false
  const own = 'processID' in client ? client.processID : undefined
  const hear = (message: Notification) => {
    heard ||= message.processId === own
  }
  client.on('notification', hear)
  await client.query('select pg_notify($1, $2)', [channel, '[]'])
  // Its own notification comes with or before the answer to a statement after it.
  await client.query('select 1')
  client.off('notification', hear)
  if (!heard)
    throw new Error('LISTEN hears nothing: DATABASE_URL may lead to a pooler of transactions')
}

function watch(client: Client, broken: Promise<unknown>, fail: (error: unknown) => void): void {
  const ask = () => void client.query('select 1').catch(fail)
  const timer = setInterval(ask, HEARTBEAT_MS)
  void broken.then(() => clearInterval(timer))
}
