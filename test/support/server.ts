import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openJobs } from '../../src/jobs/boss.ts'
import { newId } from '../../src/lib/ids.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    serverUrl: string
    template: string
  }
}

/** Once a run: a migrated template on TEST_DATABASE_URL, or on an embedded server of the run's own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL']
  const server = given ? { url: given, stop: async () => {} } : await startServer()
  const template = newName()
  await onServer(server.url, `create database ${template}`)
  await migrate(urlOf(server.url, template))
  const jobs = await openJobs(urlOf(server.url, template), console)
  await jobs.close()
  project.provide('serverUrl', server.url)
  project.provide('template', template)
  return async () => {
    await onServer(server.url, `drop database ${template} with (force)`)
    await server.stop()
  }
}

/** Runs SQL as the administrator of the server. */
export async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function startServer() {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-test-'))
  const open = () => openEmbedded({ dataDir, purpose: 'serve', progress: () => {} })
  // Files that run beside one another have many services each; how much room there is holds from a start on.
  const first = await open()
  await onServer(first.url, 'alter system set max_connections = 300')
  await first.stop()
  const server = await open()
  // Nothing of the tests outlives a machine that fails, and the disk is most of what a change waits for.
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
    await onServer(server.url, `alter system set ${setting} = off`)
  await onServer(server.url, 'select pg_reload_conf()')
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export const newName = () => `test_${newId().replaceAll('-', '')}`

export function urlOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
