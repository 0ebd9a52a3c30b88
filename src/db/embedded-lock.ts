import {
  chmodSync,
  lchownSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { explain } from './embedded-error.ts'

export type Purpose = 'serve' | 'command'

export interface Owner {
  pid: number
  purpose: Purpose
  url?: string
}

export interface Lock {
  announce(url: string): void
  release(): void
}

/**
 * At most one living process holds a folder: the system itself keeps the lock and drops it with
 * its process, so that a killed owner, a reused pid or a simultaneous start cannot confuse it.
 */
export function takeLock(dataDir: string, purpose: Purpose): Lock | undefined {
  const file = join(dataDir, 'serve.lock')
  const database = lockedDatabase(file, dataDir)
  if (!database) return undefined
  held.add(database)
  const release = () => {
    rmSync(ownerFile(dataDir), { force: true })
    held.delete(database)
    database.close()
  }
  const owner: Owner = { pid: process.pid, purpose }
  try {
    chmodSync(file, 0o600)
    giveToOwnerOf(dataDir, file)
    writeOwner(dataDir, owner)
  } catch (error) {
    release()
    throw explain((error as Error).message, dataDir)
  }
  return { announce: (url) => writeOwner(dataDir, { ...owner, url }), release }
}

/** Whoever was the last to take the lock, if that process still lives. */
export function readOwner(dataDir: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(ownerFile(dataDir), 'utf8')) as Owner
    return isAlive(owner.pid) ? owner : undefined
  } catch {
    return undefined
  }
}

/** A process of another user is alive, too. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What root writes into somebody's folder belongs to that somebody. */
export function giveToOwnerOf(dataDir: string, file: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(dataDir)
  lchownSync(file, uid, gid)
}

// A collected handle would close itself and with it open the lock.
const held = new Set<DatabaseSync>()
const SQLITE_BUSY = 5

// Node has no flock; SQLite's exclusive transaction is the fcntl lock that Node does ship.
// The file stays empty, and nothing else may open it: closing it would drop the lock.
function lockedDatabase(file: string, dataDir: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec('begin exclusive')
    return database
  } catch (error) {
    if (database?.isOpen) database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw explain((error as Error).message, dataDir)
  }
}

function writeOwner(dataDir: string, owner: Owner) {
  const temporary = `${ownerFile(dataDir)}.new`
  writeFileSync(temporary, JSON.stringify(owner), { mode: 0o600 })
  giveToOwnerOf(dataDir, temporary)
  renameSync(temporary, ownerFile(dataDir))
}

const ownerFile = (dataDir: string) => join(dataDir, 'serve.json')
