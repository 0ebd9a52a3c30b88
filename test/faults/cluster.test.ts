import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { type Service, startService } from '../support/service.ts'

const REDIS_URL = process.env['TEST_REDIS_URL']

let shared: Promise<Service> | undefined

/** One service for all tests but the last two: each start costs seconds. */
const theService = () => (shared ??= startTwo())

async function startTwo(env: Record<string, string> = {}) {
  const database = env['DATABASE_URL'] ?? (await cloneDatabase())
  return startService({
    DATABASE_URL: database,
    WEB_CONCURRENCY: '2',
    METRICS_TOKEN: 'of-the-test',
    ...(REDIS_URL && { REDIS_URL }),
    ...env,
  })
}

/** Asks on a connection of its own, so that the workers take turns. */
async function ask(service: Service, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    connection: 'close',
    ...(init.body && { 'content-type': 'application/json' }),
    ...(init.headers as Record<string, string>),
  }
  return fetch(service.address + path, { ...init, headers })
}

const post = (service: Service, path: string, body: object, headers = {}) =>
  ask(service, path, { method: 'POST', body: JSON.stringify(body), headers })

function keepAsking(url: string, agent: Agent) {
  return new Promise<{ status: number | string | undefined; reused: boolean }>((resolve) => {
    const request = get(url, { agent }, (answer) => {
      answer.resume().on('end', () => {
        // Only now is the connection free for the next one.
        setImmediate(() => resolve({ status: answer.statusCode, reused: request.reusedSocket }))
      })
    })
    request.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ status: code, reused: request.reusedSocket }),
    )
  })
}

async function signUp(service: Service, email: string) {
  const made = await post(service, '/api/v1/auth/register', { email, password: PASSWORD })
  expect(made.status).toBe(201)
  const tokens = await post(service, '/api/v1/auth/login', { email, password: PASSWORD })
  const { access_token } = (await tokens.json()) as { access_token: string }
  return { authorization: `Bearer ${access_token}` }
}

async function createCode(service: Service, headers: { authorization: string }): Promise<string> {
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  const made = await post(service, '/api/v1/referrals/code', { expires_at }, headers)
  return ((await made.json()) as { code: string }).code
}

async function figures(service: Service): Promise<string> {
  const headers = { authorization: 'Bearer of-the-test' }
  return (await ask(service, '/metrics', { headers })).text()
}

const figure = (text: string, name: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50)
}

/** The processes of the service that serve: children of the one that was started. */
async function workersOf(service: Service): Promise<number[]> {
  const { readFile } = await import('node:fs/promises')
  const pid = service.child.pid!
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const pids = children.trim().split(' ').map(Number)
  const commands = await Promise.all(
    pids.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')),
  )
  return pids.filter((_, at) => commands[at]!.includes('invitree.js'))
}

test('a code that was retired by one worker is soon found by none, and stays so', async () => {
  const service = await theService()
  const headers = await signUp(service, 'cached@example.com')
  const code = await createCode(service, headers)
  const active = async () => {
    const answers = Array.from({ length: 8 }, () => ask(service, `/api/v1/referrals/codes/${code}`))
    const bodies = (await Promise.all(answers)).map((answer) => answer.json())
    return ((await Promise.all(bodies)) as { is_active: boolean }[]).map((body) => body.is_active)
  }
  expect(await active()).not.toContain(false)
  const retired = await ask(service, `/api/v1/referrals/codes/${code}`, {
    method: 'DELETE',
    headers,
  })
  expect(retired.status).toBe(204)
  await expect.poll(active).not.toContain(true)
  for (let i = 0; i < 3; i++) expect(await active()).not.toContain(true)
})

test('failed sign-ins are counted by all workers together', async () => {
  const service = await theService()
  const statuses: number[] = []
  for (let i = 0; i < 8; i++) {
    const guess = { email: 'counted@example.com', password: `wrong password ${i}` }
    statuses.push((await post(service, '/api/v1/auth/login', guess)).status)
  }
  // Each worker alone would count four, and refuse none.
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401])
  expect(statuses).toContain(429)
})

test('metrics are those of all workers, and a session holds with each of them', async () => {
  const service = await theService()
  const headers = await signUp(service, 'metrics@example.com')
  for (let i = 0; i < 20; i++) {
    expect((await ask(service, '/api/v1/users/me', { headers })).status).toBe(200)
  }
  const name = 'http_request_duration_seconds_count{method="GET",route="/api/v1/users/me"'
  // A connection is counted when its answer has been sent.
  await until(async () => figure(await figures(service), name) === 20)
  expect(figure(await figures(service), 'invitree_totals{what="users"}')).toBeLessThan(3)
  expect(figure(await figures(service), 'invitree_hashing{what="begun"}')).toBeGreaterThan(1)
})

test('a worker that is killed under load is replaced, and the others go on answering', async () => {
  const service = await theService()
  const [victim = 0] = await workersOf(service)
  const stop = { now: false }
  const outcomes = { answered: 0, lost: 0 }
  const clients = Array.from({ length: 8 }, async () => {
    while (!stop.now) {
      // A connection that was on its way to the killed one is never answered, nor closed.
      const signal = AbortSignal.timeout(10_000)
      const status = await ask(service, '/healthz', { signal }).then((it) => it.status, String)
      outcomes[status === 200 ? 'answered' : 'lost']++
    }
  })
  await until(async () => outcomes.answered > 50)
  process.kill(victim, 'SIGKILL')
  await until(async () => {
    const now = await workersOf(service)
    return now.length === 2 && !now.includes(victim)
  })
  const before = outcomes.answered
  await until(async () => outcomes.answered > before + 50)
  stop.now = true
  await Promise.all(clients)
  // What the killed one was answering is lost, at most one of each client.
  expect(outcomes.lost).toBeLessThanOrEqual(8)
  expect(service.output.join('\n')).toContain('another takes its place')
})

test('a start that cannot succeed ends with the reason and its code', async () => {
  const first = await theService()
  const port = new URL(first.address).port
  await expect(startTwo({ PORT: port })).rejects.toThrow(/exit 69: [\s\S]*Port \d+ is taken/)
})

test('on SIGTERM under load no request that was taken is lost, and all processes end', async () => {
  const service = await theService()
  const pids = await workersOf(service)
  const failures: unknown[] = []
  let answered = 0
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (;;) {
      const { status, reused } = await keepAsking(`${service.address}/healthz`, agent)
      if (status === 200) answered++
      else if (reused || typeof status === 'number') failures.push(status)
      // A connection that the system took and nobody accepted before the port closed was no request.
      else return
    }
  }
  const clients = Array.from({ length: 8 }, client)
  await until(async () => answered > 200)
  service.child.kill('SIGTERM')
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect(await service.exited).toBe(0)
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('on the embedded database too; workers that end again and again end the service, which says so', async () => {
  const service = await startService({ WEB_CONCURRENCY: '2' })
  await createCode(service, await signUp(service, 'embedded@example.com'))
  const life = { ended: false }
  void service.exited.then(() => (life.ended = true))
  while (!life.ended) {
    for (const pid of await workersOf(service).catch(() => [])) process.kill(pid, 'SIGKILL')
    await sleep(100)
  }
  expect(await service.exited).toBe(70)
  expect(service.output.join('\n')).toContain('ended 8 times in a row soon after their start')
})
