import net from 'node:net'
import { expect, test } from 'vitest'
import about from '../../../package.json' with { type: 'json' }
import { createAccount, get, send, startApp, type TestApp } from '../../../test/support/app.ts'
import { whenDone } from '../../../test/support/cleanup.ts'
import { onServer } from '../../../test/support/server.ts'
import { freePort } from '../../../test/support/network.ts'
import { promote } from '../../../test/support/rows.ts'
import { startSmtp } from '../../../test/support/smtp.ts'
import { INVARIANTS } from '../../db/invariants.ts'
import { QUEUES } from '../../jobs/catalogue.ts'
import { createExaminer } from './examination.ts'

interface Finding {
  name: string
  ok: boolean
  finding: string
  remedy?: string
}

const it = await startApp()
const root = await createAccount(it)
await promote(it, root)

/** What the state of an application of its own is. */
async function stateOf(it: TestApp, query = '') {
  const admin = await createAccount(it)
  await promote(it, admin)
  return get(it, `/api/v1/admin/system?${query}`, admin)
}

const findingOf = (body: { checks: Finding[] }, name: string) =>
  body.checks.find((finding) => finding.name === name)

test('it says what runs here, on what, and how quickly that answers', async () => {
  const response = await get(it, '/api/v1/admin/system', root)
  expect(response.statusCode, response.body).toBe(200)
  const system = response.json()
  const redis = process.env['TEST_REDIS_URL'] !== undefined
  expect(system).toMatchObject({
    version: about.version,
    node: process.versions.node,
    database: { kind: 'server', version: expect.stringMatching(/^\d+/), connections: {} },
    cache: { kind: redis ? 'redis' : 'process', ready: true },
    mail: { transport: 'outbox' },
    integrations: [
      { name: 'hunter', state: 'off', answered: 0 },
      { name: 'clearbit', state: 'off', answered: 0 },
    ],
    last_migration: { name: expect.stringMatching(/^\d{4}_\w+\.sql$/) },
    ok: true,
    checking: false,
  })
  expect(system.database.latency_ms).toBeGreaterThan(0)
  expect(system.uptime_seconds).toBeGreaterThan(0)
  expect(system.jobs.map(({ name }: { name: string }) => name)).toEqual(Object.keys(QUEUES))
  const names = system.checks.map(({ name }: Finding) => name)
  for (const name of [
    'redis',
    'mail',
    'hunter',
    'database',
    'clock',
    'migrations',
    'constraints',
  ]) {
    expect(names).toContain(name)
  }
  expect(names.filter((name: string) => /^I\d/.test(name))).toEqual([])
})

test('asked for the checks it looks through the data as well, and remembers what it found', async () => {
  const first = (await get(it, '/api/v1/admin/system?checks=true', root)).json()
  const again = (await get(it, '/api/v1/admin/system?checks=true', root)).json()
  for (const { id, rule } of INVARIANTS) {
    expect(findingOf(first, `${id} ${rule}`)).toMatchObject({ ok: true, finding: 'holds' })
  }
  expect(again.checks).toEqual(first.checks)
  expect(again.checked_at).toBe(first.checked_at)
})

test('many who ask at once cost one run', async () => {
  const other = await startApp()
  const admin = await createAccount(other)
  await promote(other, admin)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => get(other, '/api/v1/admin/system?checks=true', admin)),
  )
  const times = new Set(answers.map((answer) => answer.json().checked_at))
  expect(times.size).toBe(1)
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200))
})

test('what is broken is named with its remedy', async () => {
  const broken = await startApp()
  await onServer(
    broken.url,
    `alter table users drop constraint users_live_or_erased;
    insert into users (id, email, email_key, password_hash, erased_at)
      values (gen_random_uuid(), 'x@example.com', 'x@example.com', 'none', clock_timestamp())`,
  )
  const response = await stateOf(broken, 'checks=true')
  const body = response.json()
  expect(body.ok).toBe(false)
  expect(findingOf(body, 'constraints')).toMatchObject({
    ok: false,
    finding: expect.stringContaining('users_live_or_erased'),
    remedy: expect.any(String),
  })
  expect(body.checks.find(({ name }: Finding) => name.startsWith('I12 '))).toMatchObject({
    ok: false,
    finding: expect.stringMatching(/^broken 1 times/),
    remedy: expect.any(String),
  })
  expect(response.body).not.toContain('x@example.com')
})

const mailOf = async (smtpUrl: string) => {
  const response = await stateOf(await startApp({ SMTP_URL: smtpUrl }))
  expect(response.body).not.toContain('secret-word')
  expect(response.json().mail).toEqual({ transport: 'smtp' })
  return findingOf(response.json(), 'mail')
}

test('an SMTP server that lets us in is well, and is sent nothing', async () => {
  const smtp = await startSmtp()
  expect(await mailOf(smtp.url)).toMatchObject({ ok: true })
  expect(smtp.received).toEqual([])
})

test('one that refuses the sign-in, is away or never speaks is told with what to do', async () => {
  const strict = await startSmtp({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(new Error('Invalid ann@example.com')),
  })
  const silent = net.createServer(() => {})
  const port = Number(await freePort())
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve))
  whenDone(() => silent.close())
  const [refused, away, mute] = await Promise.all([
    mailOf(strict.url.replace('//', '//ann:secret-word@')),
    mailOf('smtp://127.0.0.1:1'),
    mailOf(`smtp://127.0.0.1:${port}`),
  ])
  expect(refused).toMatchObject({
    ok: false,
    finding: expect.stringMatching(/EAUTH.*535/),
    remedy: expect.stringContaining('user and the password'),
  })
  expect(refused!.finding).not.toContain('@')
  expect(away).toMatchObject({ ok: false, remedy: expect.stringContaining('SMTP_URL') })
  expect(mute).toMatchObject({ ok: false, finding: expect.stringContaining('ETIMEDOUT') })
})

test('a service of others that is away is named, and left alone once it failed often', async () => {
  const other = await startApp({
    HUNTER_API_KEY: 'secret-key',
    HUNTER_URL: 'http://127.0.0.1:1/v2',
  })
  for (let i = 0; i < 5; i++) await createAccount(other)
  const response = await stateOf(other)
  expect(response.json().integrations[0]).toMatchObject({
    name: 'hunter',
    state: 'resting',
    failed: 5,
  })
  expect(findingOf(response.json(), 'hunter')).toMatchObject({
    ok: false,
    finding: expect.stringContaining('ECONNREFUSED'),
    remedy: expect.stringContaining('HUNTER_URL'),
  })
  expect(response.body).not.toContain('secret-key')
})

test('a service that stops ends after the checks under way', async () => {
  const examiner = createExaminer(it.ctx)
  const asked = examiner.examine({ thoroughly: true })
  await examiner.close()
  const { findings, running } = await asked
  expect(running).toBe(false)
  expect(findings.map(({ name }) => name.split(' ')[0])).toEqual(['redis', 'I1'])
})

test.each(['checks=maybe', 'check=true'])('asked with ?%s it refuses', async (query) => {
  expect((await get(it, `/api/v1/admin/system?${query}`, root)).statusCode).toBe(422)
})

test('only administrators see the system', async () => {
  const ann = await createAccount(it)
  const url = '/api/v1/admin/system'
  expect((await send(it, { method: 'GET', url }, ann)).json()).toMatchObject({
    status: 403,
    code: 'admin_only',
  })
  expect((await get(it, url)).json()).toMatchObject({ status: 401, code: 'unauthorized' })
})
