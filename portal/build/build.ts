import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { writeClient } from './client.ts'

// `node portal/build/build.ts` builds portal/dist; with `client` only the client of the API is written.
const PORTAL = join(import.meta.dirname, '..')
const DIST = join(PORTAL, 'dist')
const KEPT_MS = 24 * 3_600_000
const PACKED = new Set(['.js', '.css', '.svg'])

const written = await writeClient(join(PORTAL, '../openapi.json'))
const clientFile = join(PORTAL, 'src/api/client.gen.ts')
if (written !== (await readFile(clientFile, 'utf8').catch(() => undefined))) {
  await mkdir(join(PORTAL, 'src/api'), { recursive: true })
  await writeFile(clientFile, written)
}
if (process.argv[2] !== 'client') await buildPortal()

// Files are moved into their place whole: a service that runs must never send half of one, which browsers would keep.
async function buildPortal(): Promise<void> {
  // Only now: the types need the client alone.
  const vite = await import('vite')
  const fresh = join(DIST, `.building-${process.pid}`)
  try {
    await vite.build({ root: PORTAL, logLevel: 'warn', build: { outDir: fresh } })
    await pack(join(fresh, 'assets'))
    await moveInto(join(DIST, 'assets'), join(fresh, 'assets'))
    for (const name of ['manifest.json', 'index.html']) {
      await rename(join(fresh, name), join(DIST, name))
    }
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  await removeOld(join(DIST, 'assets'))
}

// Packed once here as small as it gets, so that the service never packs.
async function pack(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => PACKED.has(extname(name)))
  await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(folder, name))
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
      const [br, gz] = await Promise.all([
        promisify(brotliCompress)(content, { params }),
        promisify(gzip)(content, { level: 9 }),
      ])
      await writeFile(join(folder, `${name}.br`), br)
      await writeFile(join(folder, `${name}.gz`), gz)
    }),
  )
}

// The name of a file says what is in it: one that is there already is only marked as still in use.
async function moveInto(folder: string, from: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const present = new Set(await readdir(folder))
  const now = new Date()
  for (const name of await readdir(from)) {
    if (present.has(name)) await utimes(join(folder, name), now, now)
    else await rename(join(from, name), join(folder, name))
  }
}

// Pages that are open go on with the files of the build they came from for a day.
async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    if ((await stat(file)).mtimeMs < Date.now() - KEPT_MS) await rm(file, { force: true })
  }
}
