import { type ChildProcess, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { isAlive, type Purpose } from './embedded-lock.ts'
import type { Overrides } from './embedded-programs.ts'
import { openEmbedded } from './embedded.ts'

/** A place for a data folder that is not there yet; gone after the test. */
export function newFolder(name = 'data') {
  const parent = fs.mkdtempSync(join(tmpdir(), 'embedded-test-'))
  onTestFinished(() => fs.rmSync(parent, { recursive: true, force: true, maxRetries: 5 }))
  return join(parent, name)
}

/** A data folder with a cluster, lent from test to test: not each waits for a first start. */
export async function readyFolder(name = 'data') {
  if (!lent) {
    const parent = fs.mkdtempSync(join(tmpdir(), 'embedded-lent-'))
    whenDone(() => {
      fs.rmSync(parent, { recursive: true })
      lent = undefined
    })
    lent = join(parent, 'data')
    const server = await openEmbedded({ dataDir: lent, purpose: 'serve', progress: () => {} })
    await server.stop()
  }
  const [from, to] = [lent, newFolder(name)]
  fs.mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  fs.renameSync(from, to)
  onTestFinished(() => fs.renameSync(to, from))
  return to
}

let lent: string | undefined

interface Opening extends Overrides {
  purpose?: Purpose
  lines?: string[]
}

/** Opens in this process, and stops after the test. */
export async function open(dataDir: string, opening: Opening = {}) {
  const { purpose = 'serve', lines = [], ...overrides } = opening
  const progress = (line: string) => void lines.push(line)
  const server = await openEmbedded({ dataDir, purpose, progress }, overrides)
  onTestFinished(() => server.stop())
  return server
}

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Something that is there after a crash if, and only if, nothing was lost. */
export const writeNotes = (url: string) =>
  query(url, 'drop table if exists notes; create table notes as select generate_series(1, 1000)')

export async function countNotes(url: string) {
  const [row] = await query(url, 'select count(*)::int as notes from notes')
  return row?.['notes']
}

/** Ended, even where the machine's first process is slow to collect what ended. */
export function isGone(pid: number) {
  if (!isAlive(pid)) return true
  try {
    return / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\)/, ''))
  } catch {
    return process.platform === 'linux'
  }
}

export async function until(condition: () => unknown, seconds = 60) {
  const deadline = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${condition.toString()}`)
    await sleep(25)
  }
}

const OWNER = `
  const { openEmbedded } = await import(process.argv[1])
  const [, , dataDir, purpose] = process.argv
  try {
    const server = await openEmbedded({ dataDir, purpose, progress() {} })
    process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))
    console.log(JSON.stringify({ url: server.url, pid: server.pid, started: server.started }))
  } catch (error) {
    console.log(JSON.stringify({ refused: error.name, message: error.message }))
    process.exit(1)
  }
  setInterval(() => {}, 1000)
`

interface Said {
  url: string
  pid: number
  refused?: string
  message?: string
}

/** Another process that opens the folder and stays until it is ended. */
export async function startOwner(dataDir: string, purpose: 'serve' | 'command' = 'serve') {
  const module = join(import.meta.dirname, 'embedded.ts')
  const args = ['--input-type=module', '-e', OWNER, '--', module, dataDir, purpose]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => endOwner(child))
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray()
  return { child, ...(JSON.parse(String(line)) as Said) }
}

export async function endOwner(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await new Promise((done) => child.once('exit', done))
}

export function kill(pid: number) {
  if (pid < 2) throw new Error(`not a server: ${pid}`)
  process.kill(pid, 'SIGKILL')
}
