import { Client } from 'pg'

export type Answer = 'ready' | 'starting' | 'no_database' | 'absent'

/** A server is ready when it lets a real session in, not when its process or socket exists. */
export async function knock(url: string): Promise<Answer> {
  try {
    await inSession(url, async () => {})
    return 'ready'
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (code in ANSWERS) return ANSWERS[code] ?? 'absent'
    if (SQLSTATE.test(code)) throw error // a server that is there and says no will say it again
    return 'absent'
  }
}

/** The database is made at the first start, and by whoever finds it missing later. */
export async function createDatabase(url: string): Promise<void> {
  const template = url.replace('/invitree?', '/postgres?')
  try {
    await inSession(template, async (client) => {
      await client.query('create database invitree')
    })
  } catch (error) {
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error
  }
}

const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/
const DUPLICATE_DATABASE = '42P04'
const ANSWERS: Record<string, Answer> = {
  '57P01': 'starting',
  '57P02': 'starting',
  '57P03': 'starting',
  '3D000': 'no_database',
  '53300': 'ready', // too many sessions are in
}

async function inSession(url: string, work: (client: Client) => Promise<void>) {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
