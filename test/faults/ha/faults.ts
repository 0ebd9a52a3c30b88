import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ask,
  type Cluster,
  otherThan,
  pidOf,
  primaryOf,
  startMachine,
  startPatroni,
} from './cluster.ts'
import type { Front } from './front.ts'
import { cut, killMachine, type Machine, mend } from './network.ts'
import { start, until } from './programs.ts'

export interface Fault {
  what: string
  /** Does it; resolves when it has bitten. */
  bite(it: Struck): Promise<void>
  /** Brings the machine back, where that is for people to do. */
  heal?(it: Struck): Promise<void> | void
}

export interface Struck {
  cluster: Cluster
  front: Front
  primary: Machine
  standby: Machine
}

const HELD_MS = 10_000

export const FAULTS: Record<string, Fault> = {
  killed: {
    what: 'every process of the primary’s machine killed (-9)',
    async bite(it) {
      killMachine(it.primary)
      await takesOver(it)
    },
    heal: ({ cluster, primary }) => startMachine(cluster, primary),
  },
  cut: {
    what: 'the primary cut off from everything',
    async bite(it) {
      cut(it.primary, ['clients', 'cluster'])
      await takesOver(it)
      await sleep(HELD_MS)
    },
    heal: ({ primary }) => mend(primary),
  },
  half: {
    what: 'the primary cut off from standby and etcd, not from the service',
    async bite(it) {
      cut(it.primary, ['cluster'])
      await takesOver(it)
      await sleep(HELD_MS)
    },
    heal: ({ primary }) => mend(primary),
  },
  switchover: {
    what: '`patronictl switchover`',
    async bite({ cluster, primary, standby }) {
      const file = join(cluster.folder, `patroni-${primary}.json`)
      const wanted = ['--master', primary, '--candidate', standby, '--force']
      const log = join(cluster.folder, 'patronictl.log')
      const env = { LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' }
      await once(start(['patronictl', '-c', file, 'switchover', ...wanted], { log, env }), 'exit')
      await until('the other one is the primary', async () => {
        return (await primaryOf(cluster)) === standby
      })
    },
  },
  postgres: {
    what: 'the primary’s PostgreSQL killed (-9), Patroni not',
    async bite({ cluster, primary }) {
      process.kill(pidOf(cluster, primary, 'postgres'), 'SIGKILL')
      await sleep(1000)
      await until('there is a primary', () => primaryOf(cluster))
    },
  },
  patroni: {
    what: 'the primary’s Patroni killed (-9), PostgreSQL not',
    async bite(it) {
      process.kill(pidOf(it.cluster, it.primary, 'patroni'), 'SIGKILL')
      await takesOver(it)
      await sleep(HELD_MS)
    },
    heal: ({ cluster, primary }) => startPatroni(cluster, primary),
  },
  standby: {
    what: 'every process of the standby’s machine killed (-9)',
    async bite({ standby }) {
      killMachine(standby)
      await sleep(2 * HELD_MS)
    },
    heal: ({ cluster, standby }) => startMachine(cluster, standby),
  },
  reload: {
    what: 'HAProxy reloaded',
    async bite({ front }) {
      front.haproxy.kill('SIGUSR2')
      await sleep(HELD_MS)
    },
  },
}

export const struck = (cluster: Cluster, front: Front, primary: Machine): Struck => ({
  cluster,
  front,
  primary,
  standby: otherThan(primary),
})

/** Until the standby takes writes, whatever the old primary believes. */
async function takesOver({ cluster, standby }: Struck): Promise<void> {
  await until('the standby has taken over', async () => {
    const sql = 'select pg_is_in_recovery() as waits'
    return (await ask<{ waits: boolean }>(cluster, standby, sql))[0]?.waits === false
  })
}
