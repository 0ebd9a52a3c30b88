import { execFile, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Environment } from '../src/config.ts'
import { inHours } from './support/app.ts'
import { cloneDatabase } from './support/database.ts'
import { startService } from './support/service.ts'

const PAGES = globSync('**/*.md', { exclude: ['**/node_modules', 'data', 'dist'] })
const read = (file: string) => readFileSync(file, 'utf8')
const readme = read('README.md')
const russian = read('README.ru.md')

test.each(PAGES)('%s links to files that exist', (page) => {
  const targets = [...prose(read(page)).matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].map(([, to]) => to!)
  expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([])
})

test.each(PAGES)('%s names files that exist', (page) => {
  const names = prose(read(page)).matchAll(/`((?:src|test|docs|migrations|\.ci)\/[\w./-]+)`/g)
  expect([...names].map(([, name]) => name!).filter((name) => !existsSync(name))).toEqual([])
})

test('the README is short', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  expect(russian.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
})

test('the README says the same in both languages', () => {
  expect(headings(russian)).toEqual(headings(readme))
  expect(blocks(russian)).toEqual(blocks(readme))
})

test('the README has a row for each item that was asked for', () => {
  const rows = (text: string) => [...text.matchAll(/^\| (\d+) /gm)].map(([, number]) => number)
  expect(rows(readme)).toEqual(Array.from({ length: 27 }, (_, index) => String(index + 1)))
  expect(rows(russian)).toEqual(rows(readme))
})

test('every variable has its line in docs/configuration.md', () => {
  const page = read('docs/configuration.md')
  const names = Object.keys(Environment.properties)
  expect(names.filter((name) => !page.includes(`| \`${name}\``))).toEqual([])
})

test('the five curls of the README answer what it prints', async () => {
  const database = await cloneDatabase()
  const { address } = await startService({ DATABASE_URL: database })
  const examples = curls(readme)
  expect(examples).toHaveLength(5)

  let token = ''
  for (const { command, printed } of examples) {
    const answer = await run(prepared(command, address), token)
    expect(shapeOf(answer), command).toEqual(shapeOf(printed))
    token = (answer as { access_token?: string }).access_token ?? token
  }
})

const prose = (text: string) => text.replaceAll(/^```[^]*?^```$/gm, '')

const headings = (text: string) => prose(text).match(/^#+(?= )/gm)

const blocks = (text: string) =>
  [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, body]) => ({
    language,
    body: body ?? '',
  }))

/** Each command with the answer that the next block prints. */
function curls(text: string): { command: string; printed: unknown }[] {
  const all = blocks(text)
  return all.flatMap(({ body }, index) =>
    body.startsWith('curl ')
      ? [{ command: body, printed: JSON.parse(all[index + 1]!.body) as unknown }]
      : [],
  )
}

// The page may be older than the date that it gives to a code.
const prepared = (command: string, address: string) =>
  command
    .replace('http://localhost:8000', address)
    .replace(/"expires_at":"[^"]+"/, `"expires_at":"${inHours(24)}"`)

const hasCurl = spawnSync('curl', ['--version']).status === 0

async function run(command: string, token: string): Promise<unknown> {
  if (!hasCurl) return fetched(command.replace('$TOKEN', token))
  const shell = ['-c', command.replace(/^curl /, 'curl -sS ')]
  const { stdout } = await promisify(execFile)('sh', shell, {
    env: { PATH: process.env['PATH'], TOKEN: token },
  })
  return JSON.parse(stdout)
}

async function fetched(command: string): Promise<unknown> {
  const url = /https?:\/\/\S+/.exec(command)![0]
  const headers = [...command.matchAll(/-H (['"])(.+?): (.+?)\1/g)].map(
    ([, , name, value]): [string, string] => [name!, value!],
  )
  const body = /-d '([^']*)'/.exec(command)?.[1]
  const response = await fetch(url, { headers, ...(body && { method: 'POST', body }) })
  return response.json()
}

/** The keys and the kinds of values, whatever the values are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
}
