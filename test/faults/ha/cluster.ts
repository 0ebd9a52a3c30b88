import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { addressOf, FRONT, type Machine, MACHINES, on } from './network.ts'
import { postgresPrograms, run, start, until } from './programs.ts'

/** The smallest `ttl` that Patroni takes: it is what a primary that vanished costs. */
const DYNAMIC = { ttl: 20, loop_wait: 5, retry_timeout: 5 }
const ETCD = [['front', FRONT], ...MACHINES.map((it) => [it, addressOf(it, 'cluster')])]

export interface Cluster {
  folder: string
  synchronous: boolean
}

/** Starts etcd on three machines, and PostgreSQL under Patroni on two; resolves when the standby streams. */
export async function startCluster(cluster: Cluster): Promise<void> {
  startEtcd(cluster, 'front')
  for (const machine of MACHINES) startMachine(cluster, machine)
  await isWhole(cluster)
}

/** Starts what runs on a machine, at first or after it was killed. */
export function startMachine(cluster: Cluster, machine: Machine): void {
  startEtcd(cluster, machine)
  startPatroni(cluster, machine)
}

function startEtcd({ folder }: Cluster, name: string): void {
  const address = ETCD.find(([it]) => it === name)?.[1] ?? ''
  const members = ETCD.map(([name, address]) => `${name}=http://${address}:2380`).join()
  const command = ['etcd', '--name', name, '--data-dir', join(folder, `etcd-${name}`)]
  command.push('--listen-client-urls', `http://${address}:2379`)
  command.push('--advertise-client-urls', `http://${address}:2379`)
  command.push('--listen-peer-urls', `http://${address}:2380`)
  command.push('--initial-advertise-peer-urls', `http://${address}:2380`)
  command.push('--initial-cluster', members, '--initial-cluster-state', 'new')
  const where = name === 'front' ? [] : on(name as Machine)
  start([...where, ...command], { log: join(folder, `etcd-${name}.log`) })
}

/** Starts Patroni alone; PostgreSQL refuses to be root, so both are somebody else, as they see it. */
export function startPatroni(cluster: Cluster, machine: Machine): void {
  const { folder } = cluster
  mkdirSync(socketOf(cluster, machine), { recursive: true })
  const file = join(folder, `patroni-${machine}.json`)
  writeFileSync(file, JSON.stringify(settings(cluster, machine), undefined, 2))
  const somebody = ['unshare', '--user', '--map-user=1000', '--map-group=1000']
  const env = { HOME: folder, LC_ALL: 'C.UTF-8' }
  const log = join(folder, `patroni-${machine}.log`)
  start([...on(machine), ...somebody, 'patroni', file], { log, env })
}

function settings(cluster: Cluster, machine: Machine) {
  const address = addressOf(machine, 'cluster')
  const parameters = { max_connections: 100, unix_socket_directories: socketOf(cluster, machine) }
  return {
    scope: 'invitree',
    name: machine,
    restapi: { listen: '0.0.0.0:8008', connect_address: `${address}:8008` },
    etcd3: { hosts: ETCD.map(([, address]) => `${address}:2379`) },
    bootstrap: {
      dcs: {
        ...DYNAMIC,
        synchronous_mode: cluster.synchronous,
        postgresql: { use_pg_rewind: true, parameters: { max_connections: 100 } },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    },
    postgresql: {
      listen: '0.0.0.0:5432',
      connect_address: `${address}:5432`,
      data_dir: join(cluster.folder, `data-${machine}`),
      bin_dir: postgresPrograms(),
      pgpass: join(cluster.folder, `pgpass-${machine}`),
      authentication: {
        superuser: { username: 'postgres', password: 'of-the-test' },
        replication: { username: 'replicator', password: 'of-the-test' },
      },
      parameters,
      pg_hba: ['local all all trust', 'host all all all trust', 'host replication all all trust'],
    },
  }
}

const socketOf = ({ folder }: Cluster, machine: Machine) => join(folder, `socket-${machine}`)

/** Asks the PostgreSQL of a machine past every network, as somebody who sits at it. */
export async function ask<Row extends object>(
  cluster: Cluster,
  machine: Machine,
  sql: string,
): Promise<Row[]> {
  const client = new pg.Client({ ...endOf(cluster, machine), query_timeout: 3000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

/** How to connect to the PostgreSQL of a machine past every network. */
export const endOf = (cluster: Cluster, machine: Machine) => ({
  host: socketOf(cluster, machine),
  user: 'postgres',
  database: 'postgres',
})

/** The one that takes writes; undefined while none does. */
export async function primaryOf(cluster: Cluster): Promise<Machine | undefined> {
  for (const machine of MACHINES) {
    const [found] = await ask<{ standby: boolean }>(
      cluster,
      machine,
      'select pg_is_in_recovery() as standby',
    ).catch(() => [])
    if (found?.standby === false) return machine
  }
  return undefined
}

interface Member {
  name: Machine
  role: string
  state: string
}

/**
 * Resolves with the primary when the other one streams from it and Patroni has written down that it may take
 * over, which a synchronous standby may only some seconds after it has begun to stream.
 */
export function isWhole(cluster: Cluster): Promise<Machine> {
  const role = cluster.synchronous ? 'sync_standby' : 'replica'
  const sql = `select 1 from pg_stat_replication where state = 'streaming'
    and application_name in ('one', 'two')`
  return until('a primary with a standby that may take over', async () => {
    const primary = await primaryOf(cluster)
    if (!primary || (await ask(cluster, primary, sql)).length !== 1) return undefined
    const signal = AbortSignal.timeout(3000)
    const answer = await fetch(`http://${addressOf(primary, 'clients')}:8008/cluster`, { signal })
    const { members } = (await answer.json()) as { members: Member[] }
    const isRight = (it: Member) => it.role === (it.name === primary ? 'leader' : role)
    return members.length === 2 && members.every(isRight) ? primary : undefined
  })
}

export const otherThan = (machine: Machine): Machine => (machine === 'one' ? 'two' : 'one')

/** The processes of Patroni and of PostgreSQL's postmaster. */
export function pidOf({ folder }: Cluster, machine: Machine, what: 'patroni' | 'postgres'): number {
  if (what === 'postgres') {
    const file = join(folder, `data-${machine}`, 'postmaster.pid')
    return Number(readFileSync(file, 'utf8').split('\n')[0])
  }
  const pids = run('ip', 'netns', 'pids', machine).split('\n').filter(Boolean)
  const isPatroni = (pid: string) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`patroni-${machine}.json`)
  return Number(pids.find(isPatroni))
}
