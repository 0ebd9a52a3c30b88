import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import {
  countNotes,
  isGone,
  writeNotes,
  endOwner,
  kill,
  newFolder,
  open,
  query,
  readyFolder,
  startOwner,
  until,
} from './embedded.fixture.ts'
import { FolderInUse } from './embedded.ts'

test('a first start makes a database, and a second one finds what was written', async () => {
  const dataDir = newFolder()
  const lines: string[] = []
  const first = await open(dataDir, { lines })
  expect(lines).toEqual([expect.stringContaining(`Preparing the database in ${dataDir} `)])
  await writeNotes(first.url)
  await first.stop()
  expect(isGone(first.pid)).toBe(true)

  const second = await open(dataDir, { lines })
  expect(lines).toHaveLength(1)
  expect(await countNotes(second.url)).toBe(1000)
})

test('it is UTF-8, durable, on a socket of its owner alone, and never on the network', async () => {
  const dataDir = await readyFolder()
  const { url } = await open(dataDir)
  const settings = `select current_user as role, current_database() as database,
    current_setting('listen_addresses') as listens, current_setting('fsync') as fsync,
    current_setting('server_encoding') as encoding, datlocale as locale,
    current_setting('server_version_num')::int / 10000 as major
    from pg_database where datname = 'invitree'`
  expect(await query(url, settings)).toEqual([
    {
      role: 'invitree',
      database: 'invitree',
      listens: '',
      fsync: 'on',
      encoding: 'UTF8',
      locale: 'C.UTF-8',
      major: 18,
    },
  ])
  const mode = (name: string) => fs.statSync(join(dataDir, name)).mode & 0o777
  expect([mode('postgres'), mode('run')]).toEqual([0o700, 0o700])
  expect([mode('postgres.log'), mode('serve.lock'), mode('serve.json')]).toEqual([
    0o600, 0o600, 0o600,
  ])
})

test('a killed owner leaves no server behind, and nothing acknowledged is lost', async () => {
  const dataDir = await readyFolder()
  const owner = await startOwner(dataDir)
  await writeNotes(owner.url)
  await endOwner(owner.child, 'SIGKILL')
  await until(() => isGone(owner.pid))

  const next = await open(dataDir)
  expect(await countNotes(next.url)).toBe(1000)
})

test('a start right after the owner was killed does not wait for a human', async () => {
  const dataDir = await readyFolder()
  const owner = await startOwner(dataDir)
  await endOwner(owner.child, 'SIGKILL')
  const next = await open(dataDir)
  await until(() => isGone(owner.pid))
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a server that outlives its killed owner is ended by the next start', async () => {
  const dataDir = await readyFolder()
  const orphan = await startOwner(dataDir)
  const client = new Client({ connectionString: orphan.url })
  client.on('error', () => {})
  await client.connect()
  process.kill(orphan.pid, 'SIGSTOP') // deaf to the watchdog for five seconds
  await endOwner(orphan.child, 'SIGKILL')
  const next = open(dataDir)
  await sleep(200)
  process.kill(orphan.pid, 'SIGCONT')
  expect((await next).pid).not.toBe(orphan.pid)
  await until(() => isGone(orphan.pid))
  await client.end().catch(() => {})
})

test('a killed server is brought back by its owner', async () => {
  const dataDir = await readyFolder()
  const lines: string[] = []
  const server = await open(dataDir, { lines })
  await writeNotes(server.url)
  const before = server.pid
  kill(before)
  await until(() => server.pid !== before)
  await until(() => query(server.url, 'select 1').catch(() => undefined))
  expect(await countNotes(server.url)).toBe(1000)
  expect(lines).toContain('The embedded database ended unexpectedly; starting it again.')

  await server.stop()
  expect(isGone(server.pid)).toBe(true)
})

test('a server that is stopped while it comes back stays down', async () => {
  const server = await open(await readyFolder())
  const before = server.pid
  kill(before)
  await until(() => server.pid !== before)
  await server.stop()
  await sleep(300)
  expect(isGone(server.pid)).toBe(true)
})

test('after owner and server were killed the next start recovers', async () => {
  const dataDir = await readyFolder()
  const owner = await startOwner(dataDir)
  await writeNotes(owner.url)
  kill(owner.pid)
  await endOwner(owner.child, 'SIGKILL')
  const next = await open(dataDir)
  expect(await countNotes(next.url)).toBe(1000)
})

test('a second service is refused by a sentence with the number of the first', async () => {
  const dataDir = await readyFolder()
  const owner = await startOwner(dataDir)
  await expect(open(dataDir)).rejects.toThrow(FolderInUse)
  await expect(open(dataDir)).rejects.toThrow(
    `in use by serve process ${owner.child.pid} of invitree. Stop that one first, or set`,
  )
})

test('of two services that start at once one wins', async () => {
  for (const dataDir of [newFolder(), newFolder()]) {
    const owners = await Promise.all([1, 2, 3].map(() => startOwner(dataDir)))
    const [winner] = owners.filter(({ refused }) => refused === undefined)
    expect(owners.map(({ refused }) => refused ?? '').toSorted()).toEqual([
      '',
      'FolderInUse',
      'FolderInUse',
    ])
    for (const { message } of owners.filter(({ refused }) => refused)) {
      expect(message).toContain(`process ${winner?.child.pid} `)
    }
  }
})

test('a command uses the server of a running service, and does not end it', async () => {
  const dataDir = await readyFolder()
  const owner = await startOwner(dataDir)
  const command = await open(dataDir, { purpose: 'command' })
  expect(command).toMatchObject({ url: owner.url, pid: owner.pid, started: false })
  await command.stop()
  expect(await query(owner.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a command waits for a service that is just starting', async () => {
  const dataDir = newFolder()
  const service = startOwner(dataDir)
  await until(() => fs.existsSync(join(dataDir, 'serve.json')))
  const command = await open(dataDir, { purpose: 'command' })
  expect(command).toMatchObject({ pid: (await service).pid, started: false })
})

test('a command alone has a server for its time, and a service waits for its end', async () => {
  const dataDir = await readyFolder()
  const command = await startOwner(dataDir, 'command')
  const service = open(dataDir)
  await sleep(500)
  await endOwner(command.child)
  expect(isGone(command.pid)).toBe(true)
  expect((await service).started).toBe(true)
})
