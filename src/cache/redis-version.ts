import { SECOND } from '../lib/dates.ts'

export const OLDEST_REDIS = 6

/** What the Redis at `url` says it is, and how fast it answers; throws when it does not within seconds. */
export async function inspectRedis(url: string): Promise<{ version: string; answerMs: number }> {
  // This file is part of every start, also where there is no Redis and no need of its client.
  const { createClient } = await import('@redis/client')
  const client = createClient({
    url,
    socket: { connectTimeout: 2 * SECOND, socketTimeout: 2 * SECOND, reconnectStrategy: false },
  })
  client.on('error', () => {}) // what failed is thrown by what waits for it
  try {
    await client.connect()
    const asked = performance.now()
    const about = await client.info('server')
    const answerMs = performance.now() - asked
    return { version: /^redis_version:(\S+)/m.exec(about)?.[1] ?? '0', answerMs }
  } finally {
    if (client.isOpen) client.destroy()
  }
}
