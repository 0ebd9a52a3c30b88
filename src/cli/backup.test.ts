import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import {
  createAccount,
  createCode,
  get,
  PASSWORD,
  post,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { startService } from '../../test/support/service.ts'
import { newId } from '../lib/ids.ts'
import { newFolder, runCli, startCli } from './cli.fixture.ts'

// Every table as one sum of its rows, whatever their order.
async function contentOf(url: string): Promise<Record<string, string>> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(`
      select tablename as name from pg_tables
      where schemaname = 'public' and tablename <> 'migrations' order by 1`)
    const content: Record<string, string> = {}
    for (const { name } of tables) {
      const { rows } = await client.query(`
        select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum
        from ${name} as t`)
      content[name] = rows[0].sum
    }
    return content
  } finally {
    await client.end()
  }
}

async function fill(it: TestApp): Promise<void> {
  const ann = await createAccount(it, { username: 'ann' })
  const code = await createCode(it, ann)
  for (const name of ['Боб', 'eve', 'zoë']) {
    await createAccount(it, { referral_code: code, username: name })
  }
}

const it = await startApp({ APP_SECRET: 'a secret that is long enough to be one' })
const secret = { APP_SECRET: 'a secret that is long enough to be one' }
await fill(it)

test('what was backed up while the service runs comes back, every row of every table', async () => {
  const folder = join(newFolder(), 'backup')
  const made = await runCli(['backup', folder], { DATABASE_URL: it.url, ...secret })
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/holds \d+ rows of/) })
  expect(made.stderr).toContain('users: 4')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'manifest.json')).mode & 0o777).toBe(0o600)

  const target = await cloneDatabase('template0')
  const restored = await runCli(['restore', folder], { DATABASE_URL: target, ...secret })
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('every rule holds') })
  expect(await contentOf(target)).toEqual(await contentOf(it.url))

  const copy = await startApp({ DATABASE_URL: target, ...secret })
  const next = await createAccount(copy)
  expect((await get(copy, '/api/v1/users/me', next)).statusCode).toBe(200)
})

test('a backup taken while people register is of one moment: every rule holds in it', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const enough = new AbortController()
  const registering = Array.from({ length: 4 }, async () => {
    for (let n = 0; !enough.signal.aborted || n < 3; n++)
      await createAccount(it, { referral_code: code })
  })
  const folder = join(newFolder(), 'backup')
  const made = await runCli(['backup', folder], { DATABASE_URL: it.url, ...secret })
  enough.abort()
  await Promise.all(registering)
  expect(made.code, made.stderr).toBe(0)
  const target = await cloneDatabase('template0')
  const restored = await runCli(['restore', folder], { DATABASE_URL: target, ...secret })
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('every rule holds') })
})

test('a mail that waits is not lost with the move', async () => {
  const url = await cloneDatabase('template0')
  const waiting = await startApp({ DATABASE_URL: url, ...secret })
  const { email } = await createAccount(waiting)
  await post(waiting, '/api/v1/auth/reset-password', { email })
  const folder = join(newFolder(), 'backup')
  await runCli(['backup', folder], { DATABASE_URL: url, ...secret })
  const target = await cloneDatabase('template0')
  expect(await runCli(['restore', folder], { DATABASE_URL: target, ...secret })).toMatchObject({
    code: 0,
  })
  const client = new pg.Client(target)
  await client.connect()
  const { rows } = await client.query(
    `select data ->> 'mail' as mail from pgboss.job where name = 'mail' order by 1`,
  )
  await client.end()
  expect(rows).toEqual([{ mail: 'reset' }, { mail: 'verify' }])
})

test('an embedded installation moves to a server: people stay signed in', async () => {
  const dataDir = join(newFolder(), 'data')
  const before = await startService({ DATA_DIR: dataDir })
  const ask = async (address: string, path: string, body: object) => {
    const response = await fetch(`${address}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return (await response.json()) as Record<string, string>
  }
  const ann = { email: `${newId()}@example.com`, password: PASSWORD }
  await ask(before.address, 'register', ann)
  const { refresh_token } = await ask(before.address, 'login', ann)
  const to = await cloneDatabase('template0')

  const refused = await runCli(['move', '--to', to], { DATA_DIR: dataDir })
  expect(refused).toMatchObject({ code: 69, stderr: expect.stringContaining('stop every `serve`') })

  before.child.kill('SIGTERM')
  await before.exited
  const moved = await runCli(['move', '--to', to], { DATA_DIR: dataDir })
  expect(moved).toMatchObject({ code: 0, stdout: expect.stringContaining('every rule holds') })
  const after = await startService({ DATA_DIR: dataDir, DATABASE_URL: to })
  const grant = { grant_type: 'refresh_token', refresh_token: refresh_token! }
  expect(await ask(after.address, 'token', grant)).toMatchObject({ token_type: 'Bearer' })
})

test('an embedded installation comes back from its backup alone', async () => {
  const [from, to] = [join(newFolder(), 'data'), join(newFolder(), 'data')]
  const made = await runCli(['create-admin', 'root@example.com', '--password', PASSWORD], {
    DATA_DIR: from,
  })
  expect(made.code, made.stderr).toBe(0)
  const folder = join(newFolder(), 'backup')
  expect((await runCli(['backup', folder], { DATA_DIR: from })).code).toBe(0)
  expect(await runCli(['restore', folder], { DATA_DIR: to })).toMatchObject({ code: 0 })
  const service = await startService({ DATA_DIR: to })
  const response = await fetch(`${service.address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'root@example.com', password: PASSWORD }),
  })
  expect(response.status).toBe(200)
})

test('what would go wrong is refused with a sentence, and nothing is changed', async () => {
  const folder = join(newFolder(), 'backup')
  const env = { DATABASE_URL: it.url, ...secret }
  await runCli(['backup', folder], env)
  const again = await runCli(['backup', folder], env)
  expect(again.stderr).toContain('is there already')

  const taken = await cloneDatabase('template0')
  expect((await runCli(['restore', folder], { DATABASE_URL: taken, ...secret })).code).toBe(0)
  const twice = await runCli(['restore', folder], { DATABASE_URL: taken, ...secret })
  expect(twice.stderr).toContain('There are people in this database already')
  const serving = await runCli(['restore', folder], env)
  expect(serving.stderr).toContain('stop every `serve`')

  const target = await cloneDatabase('template0')
  const none = await runCli(['restore', newFolder()], { DATABASE_URL: target, ...secret })
  expect(none.stderr).toContain('is no backup')
  const secretless = await runCli(['restore', folder], { DATABASE_URL: target })
  expect(secretless.stderr).toContain('set the APP_SECRET')

  const damaged = join(newFolder(), 'damaged')
  cpSync(folder, damaged, { recursive: true })
  const users = join(damaged, 'users.copy.gz')
  const bytes = readFileSync(users)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(users, bytes)
  const broken = await runCli(['restore', damaged], { DATABASE_URL: target, ...secret })
  expect(broken).toMatchObject({
    stderr: expect.stringContaining('users.copy.gz is missing or damaged'),
  })
  for (const { code } of [again, twice, serving, none, secretless, broken]) expect(code).not.toBe(0)
  expect(await runCli(['restore', folder], { DATABASE_URL: target, ...secret })).toMatchObject({
    code: 0,
  })
})

test('a restore that is killed leaves an empty database, and is done again as a whole', async () => {
  const folder = join(newFolder(), 'backup')
  await runCli(['backup', folder], { DATABASE_URL: it.url, ...secret })
  const target = await cloneDatabase('template0')
  const env = { DATABASE_URL: target, ...secret }
  const { child, outcome } = startCli(['restore', folder], env)
  // The table is there once the migrations are through; what follows is the one transaction.
  const client = new pg.Client(target)
  await client.connect()
  for (;;) {
    const { rows } = await client.query(`
      select 1 from pg_stat_activity
      where datname = current_database() and application_name = 'invitree restore'`)
    if (rows.length > 0 || child.exitCode !== null) break
    await sleep(1)
  }
  child.kill('SIGKILL')
  await outcome
  await client.end()
  const again = await runCli(['restore', folder], env)
  const complete = again.stderr.includes('There are people in this database already')
  expect(complete || again.code === 0, again.stderr).toBe(true)
  expect(await contentOf(target)).toEqual(await contentOf(it.url))
  expect(existsSync(`${folder}.unfinished`)).toBe(false)
})
