import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline as pipe, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createGzip } from 'node:zlib'
import { SetupError } from '../errors.ts'
import type { Source, Table } from './snapshot.ts'

/** What a backup holds, for whoever reads it, and for restoring it. */
export interface Manifest {
  format: 1
  /** The version of Invitree that made it. */
  version: string
  made_at: string
  migrations: string[]
  last_seq: number
  /** In the order in which they are restored. */
  tables: (Table & { sha256: string })[]
}

const MANIFEST = 'manifest.json'
const NAME = /^[a-z_.0-9]+$/

/**
 * Writes everything of `source` into a new folder: a compressed file a table, `extra` files, and the
 * manifest with counts and checksums. The folder gets its name when all of it is on the disk, and is for
 * its owner alone. Throws a SetupError when there is something of this name.
 */
export async function writeBackup(
  source: Source,
  folder: string,
  about: { version: string; extra: Record<string, string>; onTable: (table: Table) => void },
): Promise<Manifest> {
  if (existsSync(folder)) throw new SetupError(`${folder} is there already: name another folder.`)
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  const tables: Manifest['tables'] = []
  for (const table of source.tables) {
    tables.push({ ...table, sha256: await writeTable(source, table, unfinished) })
    about.onTable(table)
  }
  const manifest: Manifest = {
    format: 1,
    version: about.version,
    made_at: new Date().toISOString(),
    migrations: source.migrations,
    last_seq: source.lastSeq,
    tables,
  }
  const files = { ...about.extra, [MANIFEST]: `${JSON.stringify(manifest, null, 2)}\n` }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(unfinished, name), text, { mode: 0o600, flush: true })
  }
  await rename(unfinished, folder)
  await syncFolder(dirname(folder))
  return manifest
}

/** Opens a backup as the source of a copy, after every file was found whole; else throws a SetupError. */
export async function openBackup(folder: string): Promise<Source> {
  const manifest = await readManifest(folder)
  for (const { name, sha256 } of manifest.tables) {
    const file = fileOf(folder, name)
    const found = await checksumOf(file).catch(() => undefined)
    if (found !== sha256) {
      throw new SetupError(`${basename(file)} is missing or damaged: take another backup.`)
    }
  }
  return {
    migrations: manifest.migrations,
    tables: manifest.tables,
    lastSeq: manifest.last_seq,
    read: ({ name }) => pipe(createReadStream(fileOf(folder, name)), createGunzip(), () => {}),
    close: async () => {},
  }
}

const fileOf = (folder: string, table: string) => join(folder, `${table}.copy.gz`)

async function writeTable(source: Source, table: Table, folder: string): Promise<string> {
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const packing = createGzip({ level: constants.Z_BEST_SPEED })
  const file = createWriteStream(fileOf(folder, table.name), { mode: 0o600, flush: true })
  await pipeline(source.read(table), packing, hashing, file)
  return hash.digest('hex')
}

async function checksumOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

async function readManifest(folder: string): Promise<Manifest> {
  let manifest: Manifest
  try {
    manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'))
  } catch (error) {
    throw new SetupError(`${folder} is no backup: it has no ${MANIFEST} that can be read.`, {
      cause: error,
    })
  }
  if (manifest.format !== 1) {
    throw new SetupError(`The backup was made by a newer Invitree, ${manifest.version}: use that.`)
  }
  // They become part of statements.
  const names = manifest.tables.flatMap(({ name, columns }) => [name, ...columns])
  const strange = names.find((name) => !NAME.test(name))
  if (strange !== undefined)
    throw new SetupError(`${MANIFEST} names no table or column: ${strange}`)
  return manifest
}

// A name lasts through a power cut only when its folder is on the disk as well.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
