import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import about from '../package.json' with { type: 'json' }

// Bottom to top, as in ARCHITECTURE.md. A file imports from its own floor or from any floor below.
const FLOORS = [
  ['lib', 'words', 'errors.ts', 'config.ts'],
  ['db', 'jobs', 'mail', 'cache', 'limits', 'integrations'],
  ['context.ts'],
  ['http'],
  ['accounts', 'recovery', 'privacy', 'auth', 'codes', 'referrals', 'links', 'audit', 'admin'],
  ['open.ts', 'app.ts', 'worker.ts'],
  ['cli'],
]
const ROOMS = 4
// From another room on the same floor, only its rules and its shapes may be used.
const DOOR = /\/(service|schemas)\.ts$/

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const sources = files.filter((file) => !/\.(test|fixture)\.ts$/.test(file))
const dockerfile = readFileSync('Dockerfile', 'utf8')
const read = (file: string) => readFileSync(join('src', file), 'utf8')
const room = (file: string) => (file.split('/')[0] ?? file).replace('.test.ts', '.ts')
const floor = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(room(file)))

function importsOf(file: string): string[] {
  return [...read(file).matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, target]) =>
    relative('src', join('src', dirname(file), target ?? '')),
  )
}

// What is named only as a type is taken away before it runs.
const loadedBy = (file: string): string[] =>
  file.endsWith('.ts')
    ? [...read(file).matchAll(/^import (?!type )[^'(]*'([^']+)'/gm)].map(([, target]) => target!)
    : []

test('every file stands in a known room', () => {
  expect(files.filter((file) => floor(file) === -1)).toEqual([])
})

test('imports go down, or through the door of a neighbour', () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((imported) => {
        const neighbour = floor(file) === ROOMS && room(imported) !== room(file)
        const pastTheDoor = neighbour && floor(imported) === ROOMS && !DOOR.test(imported)
        return floor(imported) > floor(file) || pastTheDoor
      })
      .map((imported) => `${file} → ${imported}`),
  )
  expect(wrong).toEqual([])
})

test('the floors in ARCHITECTURE.md are these floors', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8')
  const listed = [...text.matchAll(/^\d+\. (.+)$/gm)].map(([, line]) =>
    [...(line ?? '').split(':')[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
  expect(listed.slice(0, FLOORS.length)).toEqual(FLOORS)
})

test('SQL is written in queries.ts and db/, nowhere else', () => {
  const sql = /\b(selectFrom|insertInto|updateTable|deleteFrom)\(|\bsql[`<]/
  const allowed = (file: string) => room(file) === 'db' || file.endsWith('queries.ts')
  expect(sources.filter((file) => !allowed(file) && sql.test(read(file)))).toEqual([])
})

test('only config.ts is told the environment', () => {
  const readers = sources.filter((file) => /process\.env/.test(read(file)))
  // The commands hand it on; the embedded server gives its children an environment of their own.
  expect(readers.filter((file) => room(file) !== 'cli' && !file.startsWith('db/embedded'))).toEqual(
    [],
  )
})

test('routes have no try and no catch', () => {
  const routes = sources.filter((file) => file.endsWith('routes.ts'))
  expect(routes.filter((file) => /\b(try|catch)\b/.test(read(file)))).toEqual([])
})

test('a start loads no client of Redis, mail program or writer of pictures before there is a need', () => {
  const [loaded, packages] = [new Set(['cli/serve.ts']), new Set<string>()]
  for (const file of loaded) {
    for (const target of loadedBy(file)) {
      if (target.startsWith('.')) loaded.add(relative('src', join('src', dirname(file), target)))
      else packages.add(target)
    }
  }
  expect([...packages]).toContain('fastify')
  expect(['@redis/client', 'nodemailer', 'qrcode'].filter((name) => packages.has(name))).toEqual([])
})

test('npm start, the container and npx give Node.js the same options', () => {
  const optionsIn = (text: string) => text.match(/--[a-z-]+=\d+/g)
  const [shebang = ''] = readFileSync('bin/invitree.js', 'utf8').split('\n')
  const compiling = /^RUN (node .+) --help$/m.exec(dockerfile)?.[1]
  const command = /^CMD (.+)$/m.exec(dockerfile)?.[1] ?? ''
  expect(optionsIn(about.scripts.start)).toHaveLength(2)
  expect(optionsIn(shebang)).toEqual(optionsIn(about.scripts.start))
  // What is compiled for other options is compiled anew.
  expect(compiling).toBe(about.scripts.start)
  expect((JSON.parse(command) as string[]).join(' ')).toBe(about.scripts.start)
})

test('everything that the container copies is given to its build', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, names]) =>
    names!.split(' '),
  )
  const given = readFileSync('.dockerignore', 'utf8').split('\n')
  expect(copied).toContain('src')
  expect(copied.filter((name) => !given.includes(`!${name.split('/')[0]}`))).toEqual([])
})

test('there are no barrels and no default exports', () => {
  expect(sources.filter((file) => /export \*|export default/.test(read(file)))).toEqual([])
})

test('the lockfile names no registry but the public one', () => {
  const lock = readFileSync('package-lock.json', 'utf8')
  const hosts = [...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host]) => host)
  expect([...new Set(hosts)].filter((host) => host !== 'registry.npmjs.org')).toEqual([])
})
