import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { newId } from '../lib/ids.ts'
import { openEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'

/**
 * Gives `work` a migrated, empty database that is gone afterwards: a new one on the server of `serverUrl`,
 * whose own databases are left alone, or one on an embedded server in a temporary folder.
 */
export async function withScratchDatabase<T>(
  serverUrl: string | undefined,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (serverUrl !== undefined) return onServer(serverUrl, work)
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-scratch-'))
  try {
    const server = await openEmbedded({ dataDir, purpose: 'command', progress: () => {} })
    try {
      await migrate(server.url)
      return await work(server.url)
    } finally {
      await server.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function onServer<T>(serverUrl: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = `invitree_scratch_${newId().replaceAll('-', '')}`
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(`create database ${name} template template0`)
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    await migrate(url.href)
    return await work(url.href)
  } finally {
    await client.query(`drop database if exists ${name} with (force)`)
    await client.end()
  }
}
