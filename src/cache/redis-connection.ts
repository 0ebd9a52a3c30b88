import { createClient } from '@redis/client'
import { SECOND } from '../lib/dates.ts'
import type { Connection } from './cache.ts'

const PATIENCE_MS = 200

export type Client = ReturnType<typeof newClient>

export interface RedisConnection extends Connection {
  client: Client
  patience: ReturnType<typeof createPatience>
}

/**
 * Connects once, or throws within a second; a server that stops answering breaks the connection. `listen`
 * is told the client before it connects, hears what changes, and gives what to do when the connection ends.
 */
export async function connectRedis(
  url: string,
  patienceMs = PATIENCE_MS,
  listen?: (client: Client) => () => void,
): Promise<RedisConnection> {
  const { promise: broken, resolve: breakWith } = Promise.withResolvers<unknown>()
  const connectMs = Math.max(SECOND, patienceMs)
  const client = newClient(url, { connectMs, emitInvalidate: listen !== undefined })
  const ended = listen?.(client)
  const close = (reason?: unknown) => {
    breakWith(reason)
    ended?.()
    client.destroy()
  }
  client.on('error', close)
  // Accepting a connection is not yet answering: a paused server does the one and not the other.
  const deadline = setTimeout(() => close(new Error('no answer')), connectMs)
  try {
    await client.connect()
  } catch (error) {
    close(error)
    throw (await broken) ?? error
  } finally {
    clearTimeout(deadline)
  }
  watch(client, broken, close)
  return { broken, close, client, patience: createPatience(patienceMs) }
}

function newClient(url: string, options: { connectMs: number; emitInvalidate: boolean }) {
  const { connectMs, emitInvalidate } = options
  return createClient({
    url,
    RESP: 3,
    // Not its `clientSideCache`: 6.3.1 keeps a value whose reply came in one packet with the message
    // that all is invalid (FLUSHALL), keeps names it looked up and never found for as long as it is
    // connected, and ends entries by the wall clock, counted from the reply and not from the question.
    emitInvalidate,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // Its timeout ends once a command is written, and costs more than ours.
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: connectMs, reconnectStrategy: false },
  })
}

// A server that stopped answering ends no connection by itself.
function watch(client: Client, broken: Promise<unknown>, fail: (error: unknown) => void): void {
  let unanswered = 0
  const timer = setInterval(() => {
    if (unanswered++ >= 2) return fail(new Error('no answer'))
    client.ping().then(() => (unanswered = 0), fail)
  }, SECOND)
  void broken.then(() => clearInterval(timer))
}

// Waits for an answer only so long, and not again before the late one has come or the connection broke.
function createPatience(patienceMs: number) {
  let late = 0
  return {
    tried: () => late > 0,
    async within<T>(command: Promise<T>): Promise<T> {
      const { promise: timeout, reject } = Promise.withResolvers<never>()
      const giveUp = () => {
        late++
        const arrived = () => void late--
        command.then(arrived, arrived)
        reject(new Error('no answer in time'))
      }
      const timer = setTimeout(giveUp, late > 0 ? 0 : patienceMs)
      return Promise.race([command, timeout]).finally(() => clearTimeout(timer))
    },
  }
}
