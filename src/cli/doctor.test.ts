import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { cloneDatabase } from '../../test/support/database.ts'
import { onServer } from '../../test/support/server.ts'
import { startService } from '../../test/support/service.ts'
import { PATIENCE_MS } from '../../test/support/wait.ts'
import { checkInvariant } from '../admin/system/checks.ts'
import { connect } from '../db/connect.ts'
import { findViolations, type Invariant, INVARIANTS } from '../db/invariants.ts'
import { newFolder, runCli } from './cli.fixture.ts'

const seeded = await cloneDatabase()
await runCli(['seed'], { DATABASE_URL: seeded })
const copyOfSeeded = () => cloneDatabase(new URL(seeded).pathname.slice(1))

const SOME_CODE = '(select code_id from referrals order by user_id limit 1)'
const SOME_USER = '(select user_id from referrals order by user_id limit 1)'
const NEW_SESSION = `insert into sessions (id, user_id, client_id, expires_at)
  values (gen_random_uuid(), ${SOME_USER}, 'test', clock_timestamp() + interval`
const UNGUARDED = 'alter table referrals disable trigger user;'
const without = (table: string, constraint: string) =>
  `alter table ${table} drop constraint ${constraint};`

// Each is kept by the database, so what keeps it is taken away first.
const PLANTED: [id: string, what: string, sql: string][] = [
  [
    'I1',
    'two unretired codes',
    `drop index referral_codes_active_code_exists;
    insert into referral_codes (id, user_id, code, code_key, expires_at)
      select gen_random_uuid(), user_id, '2ND-C0DE', '2ND-C0DE', clock_timestamp() + interval '1 day'
      from referral_codes where retired_at is null limit 1`,
  ],
  [
    'I2',
    'one text twice',
    `${without('referral_codes', 'referral_codes_code_taken')}
    update referral_codes set code = 'TWICE', code_key = 'TW1CE'`,
  ],
  [
    'I2',
    'a text folded wrongly',
    `update referral_codes set code = 'OIL0', code_key = 'OIL0' where id = ${SOME_CODE}`,
  ],
  [
    'I3',
    'an expiry too far away',
    `${without('referral_codes', 'referral_codes_expiry_within_maximum')}
    update referral_codes set expires_at = expiry_set_at + interval '4000 days' where id = ${SOME_CODE}`,
  ],
  [
    'I4',
    'a referrer who came later',
    `${UNGUARDED} ${without('users', 'users_seq_key')}
    ${without('referrals', 'referrals_user_id_user_seq_fkey')}
    ${without('referrals', 'referrals_referrer_id_referrer_seq_fkey')}
    alter table users alter seq drop identity;
    update users set seq = 1000000 - seq`,
  ],
  [
    'I4',
    'a referrer attached later',
    `update users set created_at = created_at - interval '1 day' where id = ${SOME_USER}`,
  ],
  [
    'I5',
    'a referral at the expiry',
    `${UNGUARDED} ${without('referrals', 'referrals_before_expiry')}
    update referrals set code_expires_at = attributed_at where user_id = ${SOME_USER}`,
  ],
  [
    'I6',
    'a referral after the retirement',
    `update referral_codes set retired_at = created_at where id = ${SOME_CODE}`,
  ],
  [
    'I7',
    'a referral of nobody',
    `${UNGUARDED} ${without('referrals', 'referrals_user_id_user_seq_fkey')}
    update referrals set user_id = gen_random_uuid() where user_id = ${SOME_USER}`,
  ],
  ...['referral_totals', 'figures', 'overall_figures', 'code_totals'].map(
    (table): [string, string, string] => [
      'I8',
      `one too many in ${table}`,
      `update ${table} set registrations = registrations + 1
        where ctid = (select min(ctid) from ${table})`,
    ],
  ),
  ['I8', 'a referral uncounted', `${UNGUARDED} delete from referrals where user_id = ${SOME_USER}`],
  [
    'I9',
    'a session without end',
    `${without('sessions', 'sessions_absolute')} ${NEW_SESSION} '31 days')`,
  ],
  [
    'I9',
    'two open links for one purpose',
    `drop index email_tokens_one_open;
    insert into email_tokens (id, user_id, purpose, expires_at)
      select gen_random_uuid(), ${SOME_USER}, 'reset', clock_timestamp() + interval '1 minute'
      from generate_series(1, 2)`,
  ],
  [
    'I10',
    'a blocked user signed in',
    `${NEW_SESSION} '1 day');
    update users set blocked_at = clock_timestamp() where id = ${SOME_USER}`,
  ],
  [
    'I11',
    'a key with two answers',
    `${without('idempotency_keys', 'idempotency_keys_pkey')}
    insert into idempotency_keys (id, fingerprint, answer_encrypted)
      select 'twice', 'any', repeat('x', 29)::bytea from generate_series(1, 2)`,
  ],
  [
    'I12',
    'an erased user with an address',
    `${without('users', 'users_live_or_erased')}
    update users set erased_at = clock_timestamp() where id = ${SOME_USER}`,
  ],
  [
    'I12',
    'a kept answer about an erased user',
    `update users set erased_at = clock_timestamp(), email = null, email_key = null, username = null,
      username_key = null, password_hash = null, email_verified_at = null where id = ${SOME_USER};
    insert into idempotency_keys (id, fingerprint, answer_encrypted, user_id)
      values ('kept', 'any', repeat('x', 29)::bytea, ${SOME_USER})`,
  ],
  ['I14', 'one too many in the tree', 'update referral_tree set total = total + 1'],
  ['I14', 'a referral that the tree forgot', 'delete from referral_tree_uncounted'],
  ['I14', 'a root that was referred', 'update referral_tree set is_root = not is_root'],
]

test.each(PLANTED)('%s finds %s', async (id, _what, sql) => {
  const url = await copyOfSeeded()
  await onServer(url, sql)
  const { db } = connect(url, { patienceMs: PATIENCE_MS })
  try {
    // What is lost of a referral is missed in the tree too.
    const found = (await findViolations(db)).filter((one) => one.id === id || one.id !== 'I14')
    expect(found.map((violation) => violation.id)).toEqual([id])
    expect(found[0]!.found).toBeGreaterThan(0)
    expect(found[0]!.examples.length).toBeGreaterThan(0)
  } finally {
    await db.destroy()
  }
})

test('each invariant has been seen broken', () => {
  const planted = new Set(PLANTED.map(([id]) => id))
  expect(INVARIANTS.map(({ id }) => id).filter((id) => !planted.has(id))).toEqual([])
})

test('all is well with a seeded database', async () => {
  const { code, stdout, stderr } = await runCli(['doctor'], { DATABASE_URL: seeded })
  expect(stderr).toBe('')
  expect(stdout).not.toContain('✗')
  expect(stdout).toMatch(/^✓ database — PostgreSQL \d+/m)
  for (const { id } of INVARIANTS) expect(stdout).toContain(`✓ ${id} `)
  expect(code).toBe(0)
})

test('what is broken is named with its remedy, and the exit code is 1', async () => {
  const url = await copyOfSeeded()
  await onServer(url, PLANTED[0]![2])
  const { code, stdout } = await runCli(['doctor'], { DATABASE_URL: url })
  expect(code).toBe(1)
  const wrong = stdout.split('\n').filter((line) => line.startsWith('✗'))
  expect(wrong).toEqual([
    expect.stringMatching(/^✗ constraints — .*referral_codes_active_code_exists\. Put them back/),
    expect.stringMatching(/^✗ I1 .* — broken 1 times, as by [0-9a-f-]{36}\. Back up/),
  ])

  const json = await runCli(['doctor', '--json'], { DATABASE_URL: url })
  expect(json.code).toBe(1)
  const { ok, checks } = JSON.parse(json.stdout)
  expect(ok).toBe(false)
  const names = checks.filter((check: { ok: boolean }) => !check.ok)
  expect(names).toMatchObject([{ name: 'constraints' }, { name: expect.stringMatching(/^I1 /) }])
})

test('a constraint that is there but not in force is found', async () => {
  const url = await copyOfSeeded()
  await onServer(url, UNGUARDED)
  const { code, stdout } = await runCli(['doctor'], { DATABASE_URL: url })
  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ constraints — .*referrals_count_registrations/)
})

test('a schema that is behind or ahead is named, and nothing more is said of its data', async () => {
  const empty = await cloneDatabase('template0')
  const behind = await runCli(['doctor'], { DATABASE_URL: empty })
  expect(behind.code).toBe(1)
  expect(behind.stdout).toMatch(/✗ migrations — not applied: 0001_.* Run `invitree migrate`/)
  expect(behind.stdout).not.toContain('I1')
  expect((await runCli(['migrate'], { DATABASE_URL: empty })).stderr).toContain('Applied')

  await onServer(empty, `insert into migrations (name) values ('9999_later.sql')`)
  const ahead = await runCli(['doctor'], { DATABASE_URL: empty })
  expect(ahead.code).toBe(1)
  expect(ahead.stdout).toMatch(/✗ migrations — .*9999_later\.sql\. Use the newer version/)
})

test('what cannot be reached, and what is set wrongly, is named', async () => {
  const away = { DATABASE_URL: 'postgres://127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' }
  const unreached = await runCli(['doctor'], away)
  expect(unreached.code).toBe(1)
  expect(unreached.stdout).toMatch(/^✗ redis — does not answer: .+\. Start the server, or/m)
  expect(unreached.stdout).toMatch(/^✗ database — The database does not answer: .+\. Start it/m)

  const misset = await runCli(['doctor'], { PORT: 'x', LOG_LEVEL: 'loud' })
  expect(misset.code).toBe(1)
  expect(misset.stdout).toMatch(/^✗ configuration — PORT .+; LOG_LEVEL .+\n$/)
})

test('mail that is refused and a service of others that is away are named with what to do', async () => {
  const { code, stdout } = await runCli(['doctor'], {
    DATABASE_URL: seeded,
    SMTP_URL: 'smtp://ann:secret-word@127.0.0.1:1',
    HUNTER_API_KEY: 'secret-key',
    HUNTER_URL: 'http://127.0.0.1:1/v2',
    CLEARBIT_API_KEY: 'secret-key',
    CLEARBIT_URL: 'https://127.0.0.1:1/v2',
  })
  expect(code).toBe(1)
  expect(stdout).toMatch(
    /^✗ mail — the SMTP server does not let us in: \w+.*\. Start the server, or/m,
  )
  expect(stdout).toMatch(/^✗ hunter — 127\.0\.0\.1:1 is not reached: .+ correct HUNTER_URL\./m)
  expect(stdout).toMatch(/^✗ clearbit — 127\.0\.0\.1:1 is not reached: .+ correct CLEARBIT_URL\./m)
  expect(stdout).not.toContain('secret-')
})

test('what takes too long to look through is neither well nor wrong', async () => {
  const { db } = connect(seeded)
  whenDone(() => db.destroy())
  const slow = { ...INVARIANTS[0]!, broken: sql`select 'x' as subject from pg_sleep(5)` }
  const found = await checkInvariant(db, slow as Invariant, { patienceMs: 50, remedy: 'Wait.' })
  expect(found).toMatchObject({
    ok: null,
    finding: expect.stringContaining('statement timeout'),
    remedy: 'Wait.',
  })
})

test('a folder that was never served says so, and is not made', async () => {
  const dataDir = join(newFolder(), 'data')
  const { code, stdout } = await runCli(['doctor'], { DATA_DIR: dataDir })
  expect(code).toBe(1)
  expect(stdout).toContain(`✗ database — ${dataDir} was never served. Run \`invitree serve\``)
  expect(existsSync(dataDir)).toBe(false)
})

test('beside a running service it finds a secret that others may read, and one that was lost', async () => {
  const service = await startService({ LOG_LEVEL: 'silent' })
  const file = join(service.dataDir, 'secrets.json')
  const examine = () => runCli(['doctor'], { DATA_DIR: service.dataDir })
  const whole = await examine()
  expect(whole.stdout).toMatch(/✓ secrets — .+ opens all 2 signing keys/)
  expect(whole.code).toBe(0)

  chmodSync(file, 0o644)
  expect((await examine()).stdout).toContain(`✗ secrets — others may read ${file}. Run \`chmod 600`)
  chmodSync(file, 0o600)
  writeFileSync(file, JSON.stringify({ app_secret: 'another secret of thirty-two signs' }))
  const lost = await examine()
  expect(lost.stdout).toMatch(/✗ secrets — .+ does not open 2 of 2 signing keys\. Put back/)
  expect(lost.code).toBe(1)
  expect((await fetch(`${service.address}/readyz`)).status).toBe(200)
})
