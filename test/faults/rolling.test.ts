import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { migrationState } from '../../src/db/migrate.ts'
import { whenDone } from '../support/cleanup.ts'
import { cloneDatabase } from '../support/database.ts'
import { type Balancer, HAPROXY, startBalancer, startHaproxy } from './balancer.ts'
import { type Instance, IS_LONG, often, startInstance } from './servers.ts'
import { seedOf, survive, type Trial } from './trial.ts'

const url = await cloneDatabase()
const env = { DATABASE_URL: url }

/** Stops an instance while it answers and starts it again, of another version where one is given. */
async function renew(balancer: Balancer, instance: Instance, version?: string): Promise<void> {
  await balancer.takeOut(instance.address)
  instance.service.child.kill('SIGTERM')
  await instance.service.exited
  await instance.start(version)
  await balancer.putBack(instance.address)
}

/** What went wrong while `work` was done: every request has to be answered, and none with a 5xx. */
async function failuresDuring(trial: Trial, balancer: Balancer, work: () => Promise<void>) {
  // Few, so that what is under way is done within the 10 s of a stop on a busy machine too.
  const target = { address: balancer.address, url, clients: 2 }
  const { history } = await survive(trial, target, async () => {
    await work()
    return []
  })
  return history.filter(({ status }) => status === 0 || status >= 500)
}

test('two instances are stopped and started in turn under load: no request fails', async () => {
  const instances = [await startInstance(env), await startInstance(env)]
  const balancer = await startBalancer(instances.map(({ address }) => address))
  const trial = {
    fault: 'rolling restart, a balancer of ours',
    times: often(2, 20),
    seed: seedOf(40),
  }
  const failures = await failuresDuring(trial, balancer, async () => {
    for (let turn = 0; turn < trial.times; turn++) await renew(balancer, instances[turn % 2]!)
  })
  expect(failures).toEqual([])
})

test.skipIf(!IS_LONG || !existsSync(HAPROXY))(
  'behind HAProxy too, which finds out by itself (only in the long form)',
  async () => {
    const instances = [await startInstance(env), await startInstance(env)]
    const balancer = await startHaproxy(instances.map(({ address }) => address))
    const trial = { fault: 'rolling restart, HAProxy', times: 20, seed: seedOf(41) }
    const failures = await failuresDuring(trial, balancer, async () => {
      for (let turn = 0; turn < trial.times; turn++) {
        await renew(balancer, instances[turn % 2]!)
        // Until the two looks are over that HAProxy takes to trust it again.
        await sleep(3000)
      }
    })
    expect(failures).toEqual([])
  },
)

test('the next version, with a migration more, takes over from this one: no request fails', async () => {
  const instances = [await startInstance(env), await startInstance(env)]
  const balancer = await startBalancer(instances.map(({ address }) => address))
  const next = await nextVersion()
  const trial = { fault: 'two versions on one schema', times: 2, seed: seedOf(42) }
  const failures = await failuresDuring(trial, balancer, async () => {
    for (const instance of instances) await renew(balancer, instance, next)
  })
  expect(failures).toEqual([])
  expect((await migrationState(url)).unknown).toEqual(['9999_next.sql'])
})

/** The tree as a version could look that adds to the tables. */
async function nextVersion(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'invitree-next-'))
  whenDone(() => rm(copy, { recursive: true, force: true }))
  for (const name of ['src', 'migrations', 'bin', 'package.json', 'openapi.json']) {
    await cp(name, join(copy, name), { recursive: true })
  }
  for (const name of ['node_modules', 'portal']) await symlink(resolve(name), join(copy, name))
  const migration = `alter table users add column of_next_version text not null default 'none';
    create index users_of_next_version on users (of_next_version);`
  await writeFile(join(copy, 'migrations/9999_next.sql'), migration)
  return copy
}
