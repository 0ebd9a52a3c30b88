import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import pino from 'pino'
import { insertUser } from '../src/accounts/queries.ts'
import { readConfig } from '../src/config.ts'
import { inTransaction } from '../src/context.ts'
import { withScratchDatabase } from '../src/db/scratch.ts'
import { newId } from '../src/lib/ids.ts'
import { openContext } from '../src/open.ts'
import { attribute } from '../src/referrals/service.ts'
import { httpLoad, type Load, together, transactions } from './load.ts'
import { allowedCores, onCore, type Program, startService, startServiceBy } from './programs.ts'
import { newReferrer, prepareReferrer, type Referrer } from './referrer.ts'
import { API, changing, newChangers, registering, several } from './requests.ts'
import type { Row, Setting, Sides } from './rows.ts'

const AT_ONCE = 64
const [first, second] = await allowedCores()

/** The service held against itself in another setting. */
export const ROWS_OF_ITSELF: Row[] = [
  onEmbedded('embedded-list', 'list of 50', async (service, { headers }) =>
    httpLoad(service, { url: `${service.address}${API}/users/me/referrals`, headers }),
  ),
  onEmbedded('embedded-change', 'create and retire', async (service) => {
    const people = await newChangers(service)
    return changing(service, (nth) => people[nth]!.headers)
  }),
  onEmbedded('embedded-register', 'register', async (service, { code }) =>
    registering(service, () => code),
  ),
  onTwoCores('instances-check', 'check a code', (service, { code }) =>
    httpLoad(service, { url: `${service.address}${API}/referrals/codes/${code}` }),
  ),
  onTwoCores('instances-register', 'register', (service, { code }) =>
    registering(service, () => code),
  ),
  {
    name: 'popular',
    work: 'registrations without their hash, 64 at once: one code / 64 codes',
    goal: 0.8,
    prepare: popular,
  },
]

/** What a registration does in the database: the hash would hide how its transactions wait for each other. */
async function popular({ service, databaseUrl, dataDir }: Setting): Promise<Sides> {
  const owners = await several(AT_ONCE, () => newReferrer(service.address))
  const config = readConfig({ DATA_DIR: dataDir, DATABASE_URL: databaseUrl, RATE_LIMITS: 'off' })
  const { ctx, close } = await openContext(config, databaseUrl, pino({ level: 'warn' }))
  const register = (code: () => string) => () =>
    inTransaction(ctx, async (ctx) => {
      const id = newId()
      const email = `${id}@example.com`
      const names = { username: null, username_key: null, password_hash: '', locale: 'en' }
      const user = await insertUser(ctx.db, { id, email, email_key: email, ...names })
      await attribute(ctx, { ...user, email_key: email }, code())
    })
  return {
    limit: transactions(
      AT_ONCE,
      register(() => owners[randomInt(owners.length)]!.code),
    ),
    service: transactions(
      AT_ONCE,
      register(() => owners[0]!.code),
    ),
    stop: close,
  }
}

/** The service on the embedded PostgreSQL, held against the one on the server of DATABASE_URL; both databases are new. */
function onEmbedded(
  name: string,
  work: string,
  load: (service: Program, referrer: Referrer) => Promise<Load>,
): Row {
  return {
    name,
    work: `${work}: embedded PostgreSQL / the server`,
    goal: 0.9,
    missing: process.env['DATABASE_URL'] ? undefined : 'it needs DATABASE_URL',
    async prepare({ dataDir }) {
      await using opened = new AsyncDisposableStack()
      const start = async (serverUrl: string | undefined) => {
        const database = opened.adopt(await holdScratchDatabase(serverUrl), (one) => one.release())
        const folder = join(dataDir, `${name}-${serverUrl ? 'server' : 'embedded'}`)
        const service = opened.adopt(await startService(database.url, folder), (one) => one.stop())
        return load(service, await prepareReferrer(service.address, 50))
      }
      const limit = await start(process.env['DATABASE_URL'])
      const service = await start(undefined)
      const kept = opened.move()
      return { limit, service, stop: () => kept.disposeAsync() }
    },
  }
}

/** A database like that of `withScratchDatabase`, until it is released. */
async function holdScratchDatabase(serverUrl: string | undefined) {
  const [opened, released] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()]
  const gone = withScratchDatabase(serverUrl, (url) => {
    opened.resolve(url)
    return released.promise
  })
  const url = await Promise.race([opened.promise, gone.then(() => '')])
  const release = () => {
    released.resolve()
    return gone
  }
  return { url, release }
}

/**
 * Two instances, each on a core of its own, held against the first alone. Where there are but two cores, the load
 * and the database take their part of the same ones.
 */
function onTwoCores(
  name: string,
  work: string,
  load: (service: Program, referrer: Referrer) => Load,
): Row {
  return {
    name,
    work: `${work}: two instances on a core each / one`,
    goal: 1.8,
    missing: second === undefined ? 'it needs two cores, and taskset, which Linux has' : undefined,
    async prepare({ databaseUrl, dataDir, referrer }) {
      const one = await startServiceBy(onCore(first!), databaseUrl, dataDir)
      const other = await startServiceBy(onCore(second!), databaseUrl, dataDir)
      return {
        limit: load(one, referrer),
        service: together([load(one, referrer), load(other, referrer)]),
        stop: async () => void (await Promise.all([one.stop(), other.stop()])),
      }
    },
  }
}
