import { lstat, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PageOf, type PageQuery, readCursor, writeCursor } from '../db/page.ts'

export interface OutboxMail {
  /** The file: the id of the job that sent it. */
  name: string
  to: string
  subject: string
  created_at: Date
  bytes: number
}

// Nothing but an id: no name leads out of the folder.
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.eml$/
const HEAD_BYTES = 8192

/** Keeps a mail as a file that only its owner reads, whole or not at all. */
export async function keepMail(outbox: string, id: string, mail: Buffer): Promise<void> {
  await mkdir(outbox, { recursive: true, mode: 0o700 })
  const file = join(outbox, `${id}.eml`)
  await writeFile(`${file}.part`, mail, { mode: 0o600 })
  await rename(`${file}.part`, file)
}

/** The source of a mail; undefined for any name that is not one of a mail in the folder. */
export async function readMail(outbox: string, name: string): Promise<string | undefined> {
  const file = NAME.test(name) && (await look(outbox, name))
  return file ? unlessGone(readFile(join(outbox, name), 'utf8')) : undefined
}

/** A page of the mails in the folder, the newest first; only those of the page are read. */
export async function listMails(
  outbox: string,
  { page, size, cursor }: PageQuery,
): Promise<PageOf<OutboxMail>> {
  const files = await listFiles(outbox)
  const after = cursor === undefined ? -1 : placeOf(files, cursor)
  const start = cursor === undefined ? (page - 1) * size : after + 1
  const shown = files.slice(start, start + size)
  const mails = await Promise.all(shown.map((file) => unlessGone(readHead(outbox, file))))
  const last = shown.at(-1)
  return {
    items: mails.filter((mail) => mail !== undefined),
    total: files.length,
    page,
    size,
    pages: Math.ceil(files.length / size),
    next_cursor: last && start + size < files.length ? writeCursor(idOf(last)) : null,
  }
}

type File = Pick<OutboxMail, 'name' | 'created_at' | 'bytes'>

const idOf = ({ name }: File) => name.slice(0, -'.eml'.length)

async function listFiles(outbox: string): Promise<File[]> {
  const names = ((await unlessGone(readdir(outbox))) ?? []).filter((name) => NAME.test(name))
  const files = await Promise.all(names.map((name) => look(outbox, name)))
  return files.filter((file) => file !== undefined).toSorted(newestFirst)
}

// A link is none of ours, and may lead anywhere.
async function look(outbox: string, name: string): Promise<File | undefined> {
  const about = await unlessGone(lstat(join(outbox, name)))
  return about?.isFile() ? { name, created_at: about.mtime, bytes: about.size } : undefined
}

const newestFirst = (a: File, b: File) =>
  b.created_at.getTime() - a.created_at.getTime() || (a.name < b.name ? 1 : -1)

// After a mail that is gone there is nothing: its place in the order is gone with it.
function placeOf(files: File[], cursor: string): number {
  const id = readCursor(cursor)
  const place = files.findIndex((file) => idOf(file).replaceAll('-', '') === id)
  return place === -1 ? files.length : place
}

async function readHead(outbox: string, file: File): Promise<OutboxMail> {
  const { default: PostalMime } = await import('postal-mime')
  await using handle = await open(join(outbox, file.name))
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(HEAD_BYTES) })
  const { to, subject } = await PostalMime.parse(buffer.subarray(0, bytesRead))
  return { ...file, to: to?.[0]?.address ?? '', subject: subject ?? '' }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
