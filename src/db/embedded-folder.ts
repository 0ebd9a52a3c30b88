import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { EmbeddedError, explain } from './embedded-error.ts'
import { giveToOwnerOf } from './embedded-lock.ts'
import type { Programs } from './embedded-programs.ts'

/** The places of one embedded database, all absolute, without symlinks on the way. */
export interface Folder {
  dataDir: string
  cluster: string
  log: string
  sockets: string
  url: string
}

/** A data folder is made for its owner alone, below somebody's folder as that somebody's. */
export function makeDataDir(dataDir: string): string {
  try {
    const path = resolve(dataDir)
    const first = fs.mkdirSync(path, { recursive: true, mode: 0o700 })
    if (first) giveMade(dirname(first), path)
    return fs.realpathSync(path)
  } catch (error) {
    throw explain((error as Error).message, dataDir)
  }
}

/** A cluster appears whole or not at all, and one of another PostgreSQL is never touched. */
export async function prepareFolder(
  dataDir: string,
  programs: Programs,
  progress: (line: string) => void,
): Promise<Folder> {
  const sockets = socketFolder(dataDir, programs.user)
  const cluster = join(dataDir, 'postgres')
  removeHalfMade(dataDir)
  if (isFilled(cluster)) checkVersion(cluster, dataDir)
  else {
    progress(`Preparing the database in ${dataDir} (first start, a few seconds)…`)
    await createCluster(dataDir, cluster, programs)
  }
  fs.chmodSync(cluster, 0o700)
  return { dataDir, cluster, log: join(dataDir, 'postgres.log'), sockets, url: urlOf(sockets) }
}

// A socket's path ends at 103 bytes on macOS and at 107 on Linux.
const LONGEST_PATH = 103 - '/.s.PGSQL.5432'.length
const NEW = 'postgres.new-'
const MAJOR = '18'

function giveMade(parent: string, path: string) {
  const names = relative(parent, path).split(sep)
  for (const depth of names.keys()) {
    giveToOwnerOf(parent, join(parent, ...names.slice(0, depth + 1)))
  }
}

function socketFolder(dataDir: string, user: Programs['user']): string {
  const near = join(dataDir, 'run')
  if (Buffer.byteLength(near) <= LONGEST_PATH) return ownFolder(near, user)
  const uid = process.getuid?.() ?? 0
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const name = `invitree-${uid}-${hash}`
  const temporary = join(fs.realpathSync(tmpdir()), name)
  const fits = Buffer.byteLength(temporary) <= LONGEST_PATH
  return ownFolder(fits ? temporary : join('/tmp', name), user)
}

// In a temporary folder anybody may have been there first, so look before use.
function ownFolder(path: string, user: Programs['user']): string {
  const made = makeFolder(path)
  const ours = user?.uid ?? process.getuid?.()
  const found = fs.lstatSync(path)
  const trusted = made || found.uid === ours || (user && found.uid === process.getuid?.())
  if (!found.isDirectory() || !trusted) {
    throw new EmbeddedError(
      `${path} belongs to somebody else, and the socket of the database must lie there: ` +
        'remove it, or set a shorter DATA_DIR.',
    )
  }
  if (user) fs.chownSync(path, user.uid, user.gid)
  fs.chmodSync(path, 0o700)
  return path
}

function makeFolder(path: string): boolean {
  try {
    fs.mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw explain((error as Error).message, path)
  }
}

function removeHalfMade(dataDir: string) {
  for (const name of fs.readdirSync(dataDir).filter((entry) => entry.startsWith(NEW))) {
    try {
      fs.rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // An orphaned initdb may still be writing there; the next start removes the rest.
    }
  }
}

function isFilled(cluster: string): boolean {
  return fs.existsSync(cluster) && fs.readdirSync(cluster).length > 0
}

function checkVersion(cluster: string, dataDir: string) {
  let version: string
  try {
    version = fs.readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  } catch (error) {
    throw explain(`could not read PG_VERSION: ${(error as Error).message}`, dataDir)
  }
  if (version === MAJOR) return
  throw new EmbeddedError(
    `${cluster} was made by PostgreSQL ${version}, and this is PostgreSQL ${MAJOR}: ` +
      'use the invitree that made it, or dump and restore it into an empty DATA_DIR.',
  )
}

async function createCluster(dataDir: string, cluster: string, programs: Programs) {
  let temporary: string | undefined
  try {
    temporary = fs.mkdtempSync(join(dataDir, NEW))
    if (programs.user) fs.chownSync(temporary, programs.user.uid, programs.user.gid)
    const failure = await initdb(temporary, programs)
    if (failure !== undefined) throw explain(failure, dataDir)
    fs.renameSync(temporary, cluster)
    sync(dataDir)
  } catch (error) {
    if (temporary) fs.rmSync(temporary, { recursive: true, force: true })
    throw error instanceof EmbeddedError ? error : explain((error as Error).message, dataDir)
  }
}

function initdb(folder: string, { prefix, initdb: path, user, env }: Programs) {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin']
  const options = ['--builtin-locale=C.UTF-8', '--auth=trust', '--username=invitree']
  const limits = ['-c', 'max_connections=100', '-c', 'shared_buffers=128MB']
  const command = [...prefix, path, '-D', folder, ...locale, ...options, ...limits]
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    env,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    ...user,
  })

  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text))
  return new Promise<string | undefined>((settle) => {
    child.on('error', (error) => settle(error.message))
    child.on('close', (code, signal) => {
      settle(code === 0 ? undefined : words || `initdb ended with ${signal ?? code}`)
    })
  })
}

// A rename outlives a power cut only once the folder that holds the name is on the disk.
function sync(folder: string) {
  const handle = fs.openSync(folder, 'r')
  fs.fsyncSync(handle)
  fs.closeSync(handle)
}

// All said, so that PGPORT, PGSSLMODE and their like of a client's environment change nothing.
function urlOf(sockets: string): string {
  const host = encodeURIComponent(sockets)
  return `postgres://invitree@localhost/invitree?host=${host}&port=5432&sslmode=disable`
}
