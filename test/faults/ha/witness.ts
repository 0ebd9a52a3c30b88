import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ask, type Cluster, endOf } from './cluster.ts'
import { type Machine, MACHINES } from './network.ts'

export interface Acknowledged {
  machine: Machine
  id: string
  at: number
}

/**
 * Somebody at each machine who writes to its PostgreSQL all the time, past every network: what they are
 * told while the machine is cut off shows whether two took writes at once.
 */
export async function startWitnesses(cluster: Cluster, primary: Machine) {
  await ask(cluster, primary, 'create table witness (id text primary key)')
  const told: Acknowledged[] = []
  const life = { stopped: false }
  const running = MACHINES.map(async (machine) => {
    for (let number = 0; !life.stopped; await sleep(100)) {
      const client = new pg.Client({ ...endOf(cluster, machine), connectionTimeoutMillis: 1000 })
      client.on('error', () => {})
      try {
        await client.connect()
        for (; !life.stopped; await sleep(50)) {
          const id = `${machine}-${number++}`
          await client.query('insert into witness values ($1)', [id])
          told.push({ machine, id, at: performance.now() })
        }
      } catch {
        // Killed, a standby, or starting: it is tried again.
      } finally {
        client.end().catch(() => {})
      }
    }
  })
  const stop = async () => {
    life.stopped = true
    await Promise.race([Promise.all(running), sleep(5000)])
  }
  return { told, stop }
}

/** How many of those told since `since` were told by the old primary after the new one had begun. */
export function splitBrain(told: readonly Acknowledged[], since: number, old: Machine): number {
  const later = told.filter(({ at }) => at > since)
  const begun = later.find(({ machine }) => machine !== old)?.at ?? Infinity
  return later.filter(({ machine, at }) => machine === old && at > begun).length
}
