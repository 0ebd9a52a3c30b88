import { execFileSync, spawn } from 'node:child_process'
import { accessSync, chownSync, constants, existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isGone } from '../../src/db/embedded.fixture.ts'
import { readPid } from '../../src/db/embedded-stale.ts'
import { whenDone } from '../support/cleanup.ts'
import { startService } from '../support/service.ts'
import { waitFor } from '../support/wait.ts'
import { randomOf } from './generator.ts'
import { often, startInstance } from './servers.ts'
import { seedOf, survive } from './trial.ts'

const isRoot = process.getuid?.() === 0

const newFolder = () => mkdtemp(join(tmpdir(), 'invitree-embedded-'))
const urlOf = (dataDir: string) =>
  `postgres://invitree@localhost/invitree?host=${encodeURIComponent(join(dataDir, 'run'))}&port=5432`

test('service, its PostgreSQL and both killed in turn: nothing is lost, no process is left', async () => {
  const dataDir = await newFolder()
  whenDone(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const instance = await startInstance({ DATA_DIR: dataDir })
  const times = often(6, 60)
  const trial = { fault: 'embedded: service, PostgreSQL or both killed', times, seed: seedOf(50) }
  const target = { address: instance.address, url: urlOf(dataDir) }
  const { figures } = await survive(trial, target, async (load) => {
    const random = randomOf(trial.seed)
    const recoveries: number[] = []
    for (let kill = 0; kill < times; kill++) {
      await sleep(random() * 300)
      const before = readPid(join(dataDir, 'postgres'))!
      if (kill % 3 > 0) process.kill(before, 'SIGKILL')
      const since = performance.now()
      if (kill % 3 !== 1) await instance.killAndStart()
      recoveries.push(await load.firstSuccess(since))
      await waitFor(async () => isGone(before))
      await waitFor(async () => !isGone(readPid(join(dataDir, 'postgres')) ?? before))
    }
    return recoveries
  })
  expect(figures.unknown + figures.failed).toBeGreaterThan(0)

  const second = startService({ DATA_DIR: dataDir })
  await expect(second).rejects.toThrow(`is in use by serve process ${instance.service.child.pid}`)
})

test('a damaged folder is told in a sentence, and left as it is', async () => {
  const dataDir = await newFolder()
  const first = await startService({ DATA_DIR: dataDir })
  const postgres = readPid(join(dataDir, 'postgres'))!
  first.child.kill('SIGTERM')
  await first.exited
  // A stop that takes too long leaves its database to the watchdog, and that writes the file as it ends.
  await waitFor(async () => isGone(postgres))
  const control = join(dataDir, 'postgres/global/pg_control')
  const whole = await readFile(control)
  await writeFile(control, 'junk')
  await expect(startService({ DATA_DIR: dataDir })).rejects.toThrow(
    /exit 69: [\s\S]*looks damaged: put a backup/,
  )
  await writeFile(control, whole)
  const again = await startService({ DATA_DIR: dataDir })
  expect((await fetch(`${again.address}/readyz`)).status).toBe(200)
})

const small = isRoot ? await mountSmall() : undefined
const notMounted = small ? '' : ' (skipped: no small disk can be mounted here)'

test.skipIf(!small)(
  `a full disk costs a 503, and no more once there is room${notMounted}`,
  async () => {
    const dataDir = join(small!, 'data')
    const filler = join(small!, 'filler')
    const { address, service } = await startInstance({ DATA_DIR: dataDir })
    const trial = { fault: 'embedded: disk full', times: 1, seed: seedOf(51) }
    const { history } = await survive(trial, { address, url: urlOf(dataDir) }, async (load) => {
      const { bavail, bsize } = await statfs(small!)
      await writeFile(filler, Buffer.alloc(bavail * bsize - 64 * 1024)).catch(() => {})
      await load.moreUnavailable(3)
      await rm(filler)
      return [await load.firstSuccess(performance.now())]
    })
    expect(history.some(({ status }) => status === 503)).toBe(true)
    expect(service.child.exitCode).toBeNull()
  },
)

async function mountSmall(): Promise<string | undefined> {
  const folder = await newFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    await rm(folder, { recursive: true })
    return undefined
  }
  whenDone(async () => {
    execFileSync('umount', ['--lazy', folder])
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

const NOBODY = 65_534
const readable = isRoot && mayBeReadByOthers()
const notReadable = readable ? '' : ' (skipped: not root, or nobody else may read this folder)'

test.skipIf(!readable)(`somebody who is not root serves too${notReadable}`, async () => {
  const dataDir = await newFolder()
  chownSync(dataDir, NOBODY, NOBODY)
  const child = spawn(process.execPath, ['bin/invitree.js', 'serve'], {
    uid: NOBODY,
    gid: NOBODY,
    env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  whenDone(async () => {
    child.kill('SIGKILL')
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  const output: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text))
  const address = await waitFor(async () => /serves on (http:\S+?),/.exec(output.join(''))?.[1])
  expect((await fetch(`${address}/readyz`)).status).toBe(200)
  child.kill('SIGTERM')
  await waitFor(async () => child.exitCode !== null)
  expect(child.exitCode).toBe(0)
})

function mayBeReadByOthers(): boolean {
  try {
    accessSync('bin/invitree.js', constants.R_OK)
    execFileSync(process.execPath, ['--check', 'bin/invitree.js'], { uid: NOBODY, gid: NOBODY })
    return existsSync('src/cli/main.ts')
  } catch {
    return false
  }
}
