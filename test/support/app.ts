import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import pino from 'pino'
import { expect } from 'vitest'
import { buildApp, prepare } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { serializers } from '../../src/lib/error-log.ts'
import { newId } from '../../src/lib/ids.ts'
import { openContext } from '../../src/open.ts'
import { startWorker } from '../../src/worker.ts'
import { whenDone } from './cleanup.ts'
import { cloneDatabase } from './database.ts'
import { PATIENCE_MS } from './wait.ts'

export const PASSWORD = 'correct horse battery'

export interface TestApp {
  app: FastifyInstance
  ctx: Context
  url: string
  /** Every line logged so far. */
  logged: Record<string, unknown>[]
}

export interface Account {
  id: string
  email: string
  access_token: string
  refresh_token: string
  /** The header that signs this account in. */
  headers: { authorization: string }
}

/**
 * A whole application on its own empty database, dropped when the test file is done. With TEST_REDIS_URL
 * its cache is Redis; with `worker` it runs background jobs. Limits count by a clock that stands still, and
 * the database and Redis are waited for, so that a slow machine changes nothing. A code answered by an operation that does not declare it fails the file.
 */
export async function startApp(
  env: Record<string, string> = {},
  { worker = false } = {},
): Promise<TestApp> {
  const url = env['DATABASE_URL'] ?? (await cloneDatabase())
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-app-'))
  const config = readConfig({
    DATABASE_URL: url,
    DATA_DIR: dataDir,
    RATE_LIMITS: 'off',
    ...(process.env['TEST_REDIS_URL'] && { REDIS_URL: process.env['TEST_REDIS_URL'] }),
    ...env,
  })
  const logged: Record<string, unknown>[] = []
  const moment = Date.now()
  const patient = { limitsNow: () => moment, patienceMs: PATIENCE_MS }
  const { ctx, close } = await openContext(config, url, recorder(logged), patient)
  await prepare(ctx)
  if (worker) await startWorker(ctx)
  const app = await buildApp(ctx)
  await app.ready()
  whenDone(async () => {
    await app.close()
    await close()
    await rm(dataDir, { recursive: true, force: true })
    expect(logged.filter(({ msg }) => msg === 'undeclared error code')).toEqual([])
  })
  return { app, ctx, url, logged }
}

/** Registers a person and signs in. */
export async function createAccount(it: TestApp, fields: object = {}): Promise<Account> {
  const given = { email: `${newId()}@example.com`, password: PASSWORD, ...fields }
  const registered = await post(it, '/api/v1/auth/register', given)
  expect(registered.statusCode, registered.body).toBe(201)
  const { email, password } = given
  const tokens = (await post(it, '/api/v1/auth/login', { email, password })).json()
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  return { id: registered.json().id, email, headers, ...tokens }
}

/** Creates a code of this account, valid for a day unless `fields` say otherwise; returns its text. */
export async function createCode(it: TestApp, owner: Account, fields: object = {}) {
  const body = { expires_at: inHours(24), ...fields }
  const response = await post(it, '/api/v1/referrals/code', body, owner)
  expect(response.statusCode, response.body).toBe(201)
  return response.json().code as string
}

export const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

export const get = (it: TestApp, url: string, as?: Account) => send(it, { method: 'GET', url }, as)

export const post = (it: TestApp, url: string, payload: object, as?: Account) =>
  send(it, { method: 'POST', url, payload }, as)

/** Any request, signed in as an account. */
export function send(
  it: TestApp,
  request: InjectOptions,
  as?: Account,
): Promise<LightMyRequestResponse> {
  return it.app.inject({ ...request, headers: { ...as?.headers, ...request.headers } })
}

function recorder(logged: Record<string, unknown>[]) {
  const stream = new Writable({
    write(line, _encoding, done) {
      logged.push(JSON.parse(String(line)))
      done()
    },
  })
  return pino({ level: 'trace', serializers }, stream)
}
