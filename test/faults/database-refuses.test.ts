import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { whenDone } from '../support/cleanup.ts'
import { startProxy } from '../support/proxy.ts'
import { type Load, randomOf } from './generator.ts'
import { often, startInstance, startPostgres } from './servers.ts'
import { seedOf, survive } from './trial.ts'

const { url } = await startPostgres()
const { address, service } = await startInstance({ DATABASE_URL: url })
const admin = await connectAdmin()

async function connectAdmin(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  whenDone(() => client.end().catch(() => {}))
  return client
}

/** Ends the connections of the service; gives how many there were. */
async function terminate(): Promise<number> {
  const { rowCount } = await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'invitree%'`,
  )
  return rowCount ?? 0
}

/** Makes what `statement` says happen at every other registration; `count` says how often it did. */
async function plant(statement: string) {
  await admin.query(`
    create sequence planted;
    create function planted() returns trigger language plpgsql as $$
      begin if nextval('planted') % 2 = 1 then ${statement}; end if; return new; end $$;
    create trigger planted before insert on users for each row execute function planted()`)
  return {
    async count() {
      return Number((await admin.query('select last_value from planted')).rows[0].last_value)
    },
    undo: () => admin.query('drop function planted() cascade; drop sequence planted'),
  }
}

const raising = (code: string) => `raise exception using errcode = '${code}'`

async function readOnly(isOn: boolean): Promise<void> {
  await admin.query(`alter database invitree set default_transaction_read_only = ${isOn}`)
  await terminate()
}

async function trial(
  fault: string,
  number: number,
  bite: (load: Load) => Promise<unknown>,
  times = 1,
) {
  const one = { fault, times, seed: seedOf(20 + number) }
  const survived = await survive(one, { address, url }, async (load) => {
    const recoveries: number[] = []
    for (let time = 0; time < times; time++) {
      await bite(load)
      recoveries.push(await load.firstSuccess(performance.now()))
    }
    return recoveries
  })
  expect(Math.max(...survived.recoveries)).toBeLessThan(30_000)
  expect(service.child.exitCode).toBeNull()
  return survived
}

test('connections terminated again and again', async () => {
  const random = randomOf(seedOf(20))
  let ended = 0
  const bite = async () => {
    await sleep(random() * 100)
    ended += await terminate()
  }
  await trial('connections terminated', 0, bite, often(10, 200))
  expect(ended).toBeGreaterThan(10)
})

test('a server that is read-only for a while', async () => {
  const { history } = await trial('read-only server (25006)', 1, async (load) => {
    await readOnly(true)
    await sleep(1500)
    await load.moreUnavailable()
    await readOnly(false)
  })
  expect(history.some(({ status }) => status === 503)).toBe(true)
})

test.each([
  { at: 4, fault: 'serialisation failures (40001)', raise: raising('40001') },
  { at: 5, fault: 'deadlocks (40P01)', raise: raising('40P01') },
  { at: 6, fault: 'statements that take too long', raise: 'perform pg_sleep(7)' },
])('$fault', async ({ at, fault, raise }) => {
  const planted = await plant(raise)
  const bite = async () => {
    await sleep(3000)
    await expect.poll(planted.count).toBeGreaterThan(1)
    await planted.undo()
  }
  await trial(fault, at, bite)
})

test('a server without a free connection (53300)', async () => {
  const { history } = await trial('no free connection (53300)', 3, async (load) => {
    const taken: pg.Client[] = []
    const takeAll = async () => {
      for (;;) {
        const client = new pg.Client({ connectionString: url })
        client.on('error', () => {})
        if ((await client.connect().catch((error: pg.DatabaseError) => error.code)) === '53300')
          return
        taken.push(client)
      }
    }
    do await takeAll()
    while ((await terminate()) > 0)
    await load.moreUnavailable()
    await Promise.all(taken.map((client) => client.end()))
  })
  expect(history.some(({ status }) => status === 503)).toBe(true)
})

test('a server that is down at the start is waited for', async () => {
  const proxy = await startProxy(url)
  proxy.refuse()
  const starting = startInstance({ DATABASE_URL: proxy.url })
  starting.catch(() => {})
  while (proxy.bites === 0) await sleep(10)
  proxy.pass()
  const late = await starting
  const one = { fault: 'down at the start', times: 1, seed: seedOf(27) }
  await survive(one, { address: late.address, url }, async () => [])
  expect(late.service.output.join('\n')).toContain('waiting for the database')
})
