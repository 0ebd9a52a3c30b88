import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { whenDone } from '../support/cleanup.ts'
import { cloneDatabase } from '../support/database.ts'
import { freePort } from '../support/network.ts'
import { startService } from '../support/service.ts'

const PGBOUNCER = '/usr/sbin/pgbouncer'
const SERVER = process.env['TEST_DATABASE_URL']

/** A pgbouncer of Debian's in transaction mode, with fewer connections to the server than it is asked for. */
async function startPooler(database: URL): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'invitree-pooler-'))
  const port = Number(await freePort())
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    `[databases]
${database.pathname.slice(1)} = host=${database.hostname} port=${database.port || 5432} user=${database.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
user = nobody
`,
  )
  await chmod(folder, 0o755)
  const child = spawn(PGBOUNCER, ['-q', join(folder, 'pgbouncer.ini')], { stdio: 'ignore' })
  whenDone(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  while (!(await answers(port))) await sleep(50)
  const pooled = new URL(database)
  pooled.host = `127.0.0.1:${port}`
  return pooled.href
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })

test.skipIf(!SERVER || !existsSync(PGBOUNCER))(
  'behind a pooler of transactions everything works, with what needs a session past it',
  async () => {
    const direct = new URL(await cloneDatabase())
    const env = { DATABASE_URL: await startPooler(direct), DATABASE_DIRECT_URL: direct.href }
    const alone = startService({ DATABASE_URL: env.DATABASE_URL })
    await expect(alone).rejects.toThrow(/exit 69: [\s\S]*set DATABASE_DIRECT_URL/)
    const service = await startService({ ...env, RATE_LIMITS: 'off' })
    const ask = async (path: string, body?: object, headers = {}) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
      const sent = body ? { ...init, body: JSON.stringify(body) } : { headers }
      const answer = await fetch(service.address + path, sent)
      return { status: answer.status, body: (await answer.json()) as Record<string, string> }
    }
    const email = 'pooled@example.com'
    expect((await ask('/api/v1/auth/register', { email, password: PASSWORD })).status).toBe(201)
    const { body: tokens } = await ask('/api/v1/auth/login', { email, password: PASSWORD })
    const headers = { authorization: `Bearer ${tokens['access_token']}` }
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    const { body: code } = await ask('/api/v1/referrals/code', { expires_at }, headers)
    const friends = Array.from({ length: 12 }, (_, nth) =>
      ask('/api/v1/auth/register', {
        email: `friend${nth}@example.com`,
        password: PASSWORD,
        referral_code: code['code'],
      }),
    )
    expect(new Set((await Promise.all(friends)).map(({ status }) => status))).toEqual(
      new Set([201]),
    )
    const lists = Array.from({ length: 40 }, () =>
      ask('/api/v1/users/me/referrals', undefined, headers),
    )
    for (const { body } of await Promise.all(lists)) expect(body['total']).toBe(12)
    // The cache hears of changes, so it is used, and the jobs write the mails.
    expect((await ask('/readyz')).body).toEqual({ database: 'ok', cache: 'ok' })
    await mailIn(join(service.dataDir, 'outbox'))
    service.child.kill('SIGTERM')
    expect(await service.exited).toBe(0)
  },
  60_000,
)

async function mailIn(outbox: string): Promise<void> {
  const { readdir } = await import('node:fs/promises')
  for (;;) {
    const names = await readdir(outbox).catch(() => [])
    if (names.some((name) => name.endsWith('.eml'))) return
    await sleep(50)
  }
}
