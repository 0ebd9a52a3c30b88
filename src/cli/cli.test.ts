import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { onServer } from '../../test/support/server.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { connect, type Database } from '../db/connect.ts'
import { findViolations } from '../db/invariants.ts'
import { newFolder, runCli, startCli } from './cli.fixture.ts'

function open(url: string): Database {
  const database = connect(url, { patienceMs: PATIENCE_MS })
  whenDone(() => database.db.destroy())
  return database
}

async function count(url: string, table: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(`select count(*)::int as count from ${table}`)).rows[0].count
  } finally {
    await client.end()
  }
}

test('without a command, and for each command, there is help', async () => {
  const { code, stdout } = await runCli([])
  expect(code).toBe(0)
  const names = [...stdout.matchAll(/^ +([a-z-]+) {4}\S/gm)].map(([, name]) => name!)
  expect(names).toEqual(expect.arrayContaining(['serve', 'migrate', 'seed', 'doctor', 'generate']))
  const helped = await Promise.all(names.map((name) => runCli([name, '--help'])))
  for (const [index, { code, stdout, stderr }] of helped.entries()) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`USAGE invitree ${names[index]}`)
  }
})

test('a wrong use is refused with a sentence and what would be right', async () => {
  const wrong = [
    [['nonsense'], 'There is no command "nonsense".', 'COMMANDS'],
    [['toString'], 'There is no command "toString".', 'COMMANDS'],
    [['migrate', '--force'], "Unknown option '--force'.", 'USAGE invitree migrate'],
    [['migrate', 'now'], 'There is one argument too many: "now".', 'USAGE invitree migrate'],
    [['create-admin'], 'Missing required positional argument: EMAIL.', '<EMAIL>'],
    [['seed', '--users'], "Option '--users <value>' argument missing.", '--users=<number>'],
  ] as const
  for (const [words, sentence, usage] of wrong) {
    const { code, stdout, stderr } = await runCli([...words])
    expect({ code, stdout }, sentence).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(stderr).toContain(usage)
  }
})

test('a wrong configuration names every problem and exits with 78', async () => {
  const wrong = { PORT: 'x', CODE_LOOKUP: 'everybody', APP_SECRET: 'short' }
  for (const command of ['serve', 'migrate', 'seed']) {
    const { code, stderr } = await runCli([command], wrong)
    expect(code, command).toBe(78)
    for (const name of Object.keys(wrong)) expect(stderr).toContain(`  ${name} `)
    expect(stderr).toContain('CODE_LOOKUP must be one of public, authenticated, off')
    expect(stderr).not.toMatch(/^ +at /m)
  }
})

test('a database that cannot be used is told in a sentence, without a stack', async () => {
  const nowhere = await runCli(['migrate'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' })
  expect(nowhere.code).toBe(69)
  expect(nowhere.stderr).toMatch(/^The database does not answer: .+\. Start it, or .+\.\n$/)

  const missing = new URL(inject('serverUrl'))
  missing.pathname = '/not_there'
  const unknown = await runCli(['migrate'], { DATABASE_URL: missing.href })
  expect(unknown.code).toBe(69)
  expect(unknown.stderr).toMatch(/^The database refuses: .+not_there.+ Create that database.+\.\n$/)
})

test('two that migrate at once do it once', async () => {
  const env = { DATABASE_URL: await cloneDatabase('template0') }
  const outcomes = await Promise.all([runCli(['migrate'], env), runCli(['migrate'], env)])
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0])
  const said = outcomes.map(({ stderr }) => stderr).toSorted()
  expect(said).toEqual([expect.stringMatching(/^Applied 0001_/), 'Nothing to do.\n'])
})

test('a schema newer than the code is refused with a sentence', async () => {
  const url = await cloneDatabase()
  await onServer(url, `insert into migrations (name) values ('9999_later.sql')`)
  const { code, stderr } = await runCli(['migrate'], { DATABASE_URL: url })
  expect(code).toBe(69)
  expect(stderr).toMatch(/^The database is newer .+ it has 9999_later\.sql\. Start the newer .+\n$/)
})

test('a stale generated file is found, and mended', async () => {
  const root = newFolder()
  const kept = ['src', 'migrations', 'docs', 'package.json', 'LICENSE']
  for (const name of kept) cpSync(name, join(root, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  const env = { DATABASE_URL: inject('serverUrl') }
  expect(await runCli(['generate'], env, root)).toMatchObject({ code: 0 })
  expect(await runCli(['generate', '--check'], env, root)).toMatchObject({ code: 0 })

  const page = join(root, 'docs/configuration.md')
  const before = readFileSync(page, 'utf8')
  writeFileSync(page, before.replace('8000', '8001'))
  rmSync(join(root, '.env.example'))
  const stale = await runCli(['generate', '--check'], env, root)
  expect(stale.code).toBe(1)
  expect(stale.stderr).toBe(
    'Not current: docs/configuration.md, .env.example. Run `npm run generate`, and commit.\n',
  )
  expect(existsSync(join(root, '.env.example'))).toBe(false)

  const wrote = await runCli(['generate'], env, root)
  expect(wrote.stderr).toBe('Wrote docs/configuration.md, .env.example.\n')
  expect(readFileSync(page, 'utf8')).toBe(before)
})

test('demo people come with codes and referrals that hold, and more of them only when asked', async () => {
  const url = await cloneDatabase()
  const env = { DATABASE_URL: url }
  const first = await runCli(['seed', '--password', 'correct horse battery'], env)
  expect(first).toMatchObject({ code: 0 })
  expect(first.stdout).toMatch(/^Added 50 people with \d+ codes and \d+ referrals\.\n/)
  expect(first.stdout).toContain('correct horse battery')

  const again = await runCli(['seed'], env)
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toContain('has 50 people already')

  const words = ['seed', '--yes', '--users', '100', '--referrals-of-one', '40']
  const more = await runCli(words, env)
  expect(more).toMatchObject({ code: 0 })
  const code = /with the code (\w+)/.exec(more.stdout)![1]!
  expect(await count(url, 'users')).toBe(190)
  const ofOne = `referrals join referral_codes c on c.id = code_id where c.code = '${code}'`
  expect(await count(url, ofOne)).toBeGreaterThanOrEqual(40)
  expect(await count(url, 'referrals')).toBeGreaterThan(80)
  expect(await findViolations(open(url).db)).toEqual([])
})

test('Ctrl-C while seeding leaves whole people behind', async () => {
  const url = await cloneDatabase()
  const seeding = startCli(['seed', '--users', '500000'], { DATABASE_URL: url })
  while ((await count(url, 'users')) === 0) await sleep(50)
  seeding.child.kill('SIGINT')
  const { code, stdout, stderr } = await seeding.outcome
  const people = await count(url, 'users')
  expect(code).toBe(130)
  expect(people).toBeLessThan(500_000)
  expect(stderr).toContain(`Stopped after ${people} of 500000 people.`)
  expect(stdout).toContain(`Added ${people} people`)
  expect(await findViolations(open(url).db)).toEqual([])
})
