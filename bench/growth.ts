import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { writeCursor } from '../src/db/page.ts'
import { withScratchDatabase } from '../src/db/scratch.ts'
import { newId } from '../src/lib/ids.ts'
import { type Client, createClient } from './http-client.ts'
import { type Ask, measureInterleaved, timed } from './interleave.ts'
import { type Program, startService } from './programs.ts'
import { PASSWORD, signIn } from './referrer.ts'
import { median } from './statistics.ts'

/** How much longer something takes on the larger side. */
export interface Grown {
  what: string
  smallMs: number
  largeMs: number
  ratio: number
  /** The largest ratio that is good. */
  goal: number
}

interface Options {
  serverUrl: string | undefined
  dataDir: string
  /** Of the larger side: this many people, nearly all of them referrals of one. */
  people: number
  /** How often each thing is asked. */
  n: number
  say: (line: string) => void
}

const SMALL = { users: 1000, ofOne: 10 }
const WARM = 20
const PAGE = 50
const API = '/api/v1'
const LIST = `${API}/users/me/referrals`

/** Asks the same of a small installation and of a large one, in turn and in random order. */
export async function measureGrowth(options: Options): Promise<Grown[]> {
  const { serverUrl, people, n, say } = options
  return withScratchDatabase(serverUrl, (smallUrl) =>
    withScratchDatabase(serverUrl, async (largeUrl) => {
      const small = await open(smallUrl, SMALL, options)
      say(`Adding ${people} people; a million takes some 80 seconds`)
      const large = await open(largeUrl, { users: SMALL.users, ofOne: people }, options)
      try {
        return await compareAll(small, large, { n: n + WARM, say })
      } finally {
        await Promise.all([small.close(), large.close()])
      }
    }),
  )
}

interface Installation {
  client: Client
  /** Whom most were referred by, signed in. */
  headers: Record<string, string>
  code: string
  /** People with a code that works, each for being asked for once. */
  others: { email: string; code: string }[]
  /** Where the last page begins, and its number. */
  last: { cursor: string; page: number }
  close(): Promise<void>
}

async function open(
  url: string,
  { users, ofOne }: { users: number; ofOne: number },
  { dataDir, n }: Options,
): Promise<Installation> {
  await seed(url, dataDir, ['--users', String(users), '--referrals-of-one', String(ofOne)])
  const database = new pg.Client({ connectionString: url })
  await database.connect()
  await database.query('vacuum (freeze, analyze)')
  const service = await startService(url, dataDir)
  try {
    const found = await look(database, n + WARM)
    const client = createClient(service.address)
    const { headers } = await signIn(service.address, found.email)
    return { ...found, client, headers, close: () => closeAll(client, service) }
  } finally {
    await database.end()
  }
}

async function closeAll(client: Client, service: Program): Promise<void> {
  client.close()
  await service.stop()
}

async function seed(url: string, dataDir: string, sizes: string[]): Promise<void> {
  const args = ['bin/invitree.js', 'seed', '--password', PASSWORD, ...sizes]
  const env = { ...process.env, DATABASE_URL: url, DATA_DIR: dataDir }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`seed ended with ${code}`)
}

async function look(database: pg.Client, count: number) {
  const { rows: top } = await database.query<{ id: string; email: string; code: string }>(
    `select u.id, u.email, c.code from users u
    join referral_codes c on c.user_id = u.id and c.retired_at is null and c.expires_at > now()
    join (select referrer_id, count(*) as friends from referrals group by 1) r on r.referrer_id = u.id
    order by friends desc limit 1`,
  )
  const { id, email, code } = top[0]!
  const { rows: others } = await database.query<{ email: string; code: string }>(
    `select email, code from users join referral_codes c on c.user_id = users.id
    where retired_at is null and expires_at > now() + interval '1 hour' and code <> $1
    order by random() limit $2`,
    [code, count],
  )
  const { rows: ids } = await database.query<{ id: string; page: number }>(
    `with counted as (select (greatest(count(*) - 1, 0) / $2)::int as page from referrals where referrer_id = $1)
    select user_id as id, page + 1 as page from counted, lateral (select user_id from referrals
      where referrer_id = $1 order by user_id desc offset greatest(page * $2 - 1, 0) limit 1) as before`,
    [id, PAGE],
  )
  return {
    email,
    code,
    others,
    last: { cursor: writeCursor(ids[0]!.id), page: ids[0]!.page },
  }
}

async function compareAll(
  small: Installation,
  large: Installation,
  { n, say }: { n: number; say: (line: string) => void },
): Promise<Grown[]> {
  const most = Math.min(n, small.others.length, large.others.length)
  const grown: Grown[] = []
  const compare = async (what: string, goal: number, sides: { small: Ask; large: Ask }) => {
    say(what)
    const times = await measureInterleaved(sides, { n: most, seed: 1 })
    const [smallMs, largeMs] = [times.small, times.large].map((all) => median(all.slice(WARM)))
    grown.push({ what, smallMs: smallMs!, largeMs: largeMs!, ratio: largeMs! / smallMs!, goal })
  }
  for (const { what, goal, ask } of KINDS) {
    await compare(what, goal, { small: ask(small), large: ask(large) })
  }
  const { page, cursor } = large.last
  await compare(`page ${page} by cursor / page 1, both of the larger`, 1.2, {
    small: reading(large, `${LIST}?size=${PAGE}`),
    large: reading(large, `${LIST}?size=${PAGE}&cursor=${cursor}`),
  })
  return grown
}

const KINDS: { what: string; goal: number; ask: (of: Installation) => Ask }[] = [
  {
    what: 'look up a code by e-mail, each for the first time',
    goal: 1.3,
    ask: (of) => asking(of, (at) => `/referrals/code-by-email?email=${of.others[at]!.email}`),
  },
  {
    what: 'check a code, each for the first time',
    goal: 1.3,
    ask: (of) => asking(of, (at) => `/referrals/codes/${of.others[at]!.code}`),
  },
  {
    what: 'register with the code of the one with most referrals',
    goal: 1.3,
    ask: (of) => () => {
      const email = `${newId()}@example.com`
      const body = { email, password: PASSWORD, referral_code: of.code }
      return timed(() => expecting(201, of.client.post(`${API}/auth/register`, body)))
    },
  },
  {
    what: 'first page of referrals',
    goal: 1.3,
    ask: (of) => reading(of, `${LIST}?size=10`),
  },
  { what: 'total of a list', goal: 1.2, ask: (of) => reading(of, `${LIST}?size=1`) },
  { what: 'counts of referrals', goal: 1.2, ask: (of) => reading(of, `${LIST}/counts`) },
  { what: 'summary of a referrer', goal: 1.2, ask: (of) => reading(of, `${LIST}/summary`) },
]

const asking =
  ({ client }: Installation, path: (at: number) => string): Ask =>
  (round) =>
    timed(() => expecting(200, client.get(API + path(round))))

const reading =
  ({ client, headers }: Installation, path: string): Ask =>
  () =>
    timed(() => expecting(200, client.get(path, headers)))

async function expecting(wanted: number, answering: Promise<number>): Promise<void> {
  const status = await answering
  if (status !== wanted) throw new Error(`answered ${status} instead of ${wanted}`)
}

/** One line of text for each, the goal missed said. */
export function growthTable(grown: Grown[]): string {
  const width = Math.max(...grown.map(({ what }) => what.length))
  return grown
    .map(({ what, smallMs, largeMs, ratio, goal }) => {
      const figures = `${smallMs.toFixed(2)} ms  ${largeMs.toFixed(2)} ms  ${ratio.toFixed(2)}`
      return `${what.padEnd(width)}  ${figures}  at most ${goal}${ratio <= goal ? '' : ' missed'}`
    })
    .join('\n')
}
