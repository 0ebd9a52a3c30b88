import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { ask, type Cluster, primaryOf } from './cluster.ts'
import { addressOf, MACHINES } from './network.ts'
import { run, start, until } from './programs.ts'

/** Where clients find the service. */
export const ADDRESS = 'http://127.0.0.1:8000'
/** Where the service finds the primary. */
export const DATABASE_URL = 'postgres://postgres@127.0.0.1:5000/invitree'
const REPOSITORY = join(import.meta.dirname, '../../..')

export interface Front {
  haproxy: ChildProcess
  instances: ChildProcess[]
}

/** Starts HAProxy, Redis and two instances of the service, as an operator would. */
export async function startFront(cluster: Cluster): Promise<Front> {
  const { folder } = cluster
  await ask(cluster, (await primaryOf(cluster))!, 'create database invitree')
  const redis = ['redis-server', '--port', '6379', '--bind', '127.0.0.1', '--save', '']
  start(redis, { log: join(folder, 'redis.log') })
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, HAPROXY)
  const haproxy = start(['haproxy', '-W', '-f', file], { log: join(folder, 'haproxy.log') })
  await until('HAProxy leads to the primary', () => askThrough('select 1 as one'))
  const instances = [1, 2].map((number) => startInstance(folder, number))
  await until('both instances are ready', async () => {
    const answers = [8001, 8002].map((port) => fetch(`http://127.0.0.1:${port}/readyz`))
    return (await Promise.all(answers)).every(({ ok }) => ok)
  })
  await until('HAProxy leads to the service', async () => (await fetch(`${ADDRESS}/readyz`)).ok)
  return { haproxy, instances }
}

function startInstance(folder: string, number: number): ChildProcess {
  const dataDir = join(folder, `instance-${number}`)
  mkdirSync(dataDir)
  const env = {
    PORT: String(8000 + number),
    PUBLIC_URL: ADDRESS,
    DATA_DIR: dataDir,
    DATABASE_URL,
    REDIS_URL: 'redis://127.0.0.1:6379',
    APP_SECRET: 'the same for both instances, of this trial',
    TRUST_PROXY: '1',
    RATE_LIMITS: 'off',
    ACCESS_TOKEN_TTL: '86400',
  }
  const program = join(REPOSITORY, 'bin/invitree.js')
  const log = join(folder, `instance-${number}.log`)
  return start([process.execPath, program, 'serve'], { log, env })
}

/** Asks the database of the service by the way the service takes. */
export async function askThrough<Row extends object>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

/** What `invitree doctor` finds wrong; empty when nothing is. */
export function askDoctor(folder: string): string {
  try {
    const env = [`DATABASE_URL=${DATABASE_URL}`, 'REDIS_URL=redis://127.0.0.1:6379']
    env.push('APP_SECRET=the same for both instances, of this trial', `PUBLIC_URL=${ADDRESS}`)
    env.push(`DATA_DIR=${join(folder, 'instance-1')}`, 'PORT=8001')
    run('env', ...env, process.execPath, join(REPOSITORY, 'bin/invitree.js'), 'doctor')
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return `${stdout}\n${stderr}`
  }
}

const SERVERS = [1, 2]
  .map((number) => `  server invitree${number} 127.0.0.1:${8000 + number}`)
  .join('\n')

/** The whole configuration; docs/high-availability.md tells the reasons. */
const HAPROXY = `
global
  hard-stop-after 5s
defaults
  timeout connect 1s
  timeout check 1s
frontend web
  mode http
  timeout client 30s
  bind 127.0.0.1:8000
  option forwardfor
  use_backend ready if { nbsrv(ready) gt 0 }
  default_backend alive
backend ready
  mode http
  timeout server 30s
  balance leastconn
  option httpchk GET /readyz
  option redispatch
  retries 2
  retry-on conn-failure empty-response
  default-server check inter 1s fall 2 rise 1
${SERVERS}
backend alive
  mode http
  timeout server 30s
  balance leastconn
  option redispatch
  retries 2
  retry-on conn-failure empty-response
${SERVERS}
listen primary
  mode tcp
  timeout client 1h
  timeout server 1h
  bind 127.0.0.1:5000
  option httpchk GET /primary
  default-server check port 8008 inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
${MACHINES.map((it) => `  server ${it} ${addressOf(it, 'clients')}:5432`).join('\n')}
`
