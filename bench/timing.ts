import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEmbedded } from '../src/db/embedded.ts'
import { newId } from '../src/lib/ids.ts'
import { createClient, type Client } from './http-client.ts'
import { type Ask, measureInterleaved, timed } from './interleave.ts'
import { startService } from './programs.ts'
import { auc, kolmogorovSmirnov, median } from './statistics.ts'
import { insertPeople, type Kind } from './timing-people.ts'

// How long an answer takes may tell no stranger whether an account exists. `npm run timing -- --n 400 --seed 1`
const { values: options } = parseArgs({
  options: {
    n: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    // Part of what is asked, such as `code`.
    only: { type: 'string', default: '' },
  },
})
const N = Number(options.n)
const SEED = Number(options.seed)
const WARM = 20
const PASSWORD = 'a bench needs a password'
const LOGIN = '/api/v1/auth/login'
const LOOK_UP = '/api/v1/referrals/code-by-email?email='

type People = (kind: Kind) => Promise<string[]>
interface Group {
  what: string
  cases: Record<string, Ask>
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-timing-'))
  const database = await openEmbedded({ dataDir, purpose: 'serve', progress: say })
  try {
    const free = await startService(database.url, dataDir)
    const rows = await withPeople(database.url, free.address, async (client, people) => {
      const groups = [await login(client, people), await reset(client, people)]
      return measureAll([...groups, ...(await lookUps(client, people))])
    })
    await free.stop()
    const limited = await startService(database.url, dataDir, { RATE_LIMITS: 'on' })
    rows.push(
      ...(await withPeople(database.url, limited.address, async (client, people) =>
        measureAll([await refused(client, people)]),
      )),
    )
    await limited.stop()
    print(rows)
  } finally {
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Everybody who is asked for is asked for once, so that no case profits from being asked before. */
async function withPeople<T>(
  url: string,
  address: string,
  work: (client: Client, people: People) => Promise<T>,
): Promise<T> {
  const client = createClient(address)
  const email = `${newId()}@example.com`
  await client.post('/api/v1/auth/register', { email, password: PASSWORD })
  const { people, close } = await insertPeople(url, email, N + WARM)
  try {
    return await work(client, people)
  } finally {
    await close()
    client.close()
  }
}

const signIn = (client: Client, email: string) =>
  client.post(LOGIN, { email, password: 'not the password' })

async function login(client: Client, people: People): Promise<Group> {
  const ask = async (kind: Kind): Promise<Ask> => {
    const emails = await people(kind)
    return (round) => timed(() => signIn(client, emails[round]!))
  }
  return {
    what: 'sign in, refused',
    cases: {
      'no such account': await ask('nobody'),
      'wrong password': await ask('without a code'),
      blocked: await ask('blocked'),
    },
  }
}

async function reset(client: Client, people: People): Promise<Group> {
  const ask = async (kind: Kind): Promise<Ask> => {
    const emails = await people(kind)
    const url = '/api/v1/auth/reset-password'
    return (round) => timed(() => client.post(url, { email: emails[round]! }))
  }
  return {
    what: 'forgotten password',
    cases: {
      'no such account': await ask('nobody'),
      'there is one': await ask('without a code'),
      blocked: await ask('blocked'),
    },
  }
}

async function lookUps(client: Client, people: People): Promise<Group[]> {
  const all = async (ask: (email: string) => Promise<number>) => {
    const cases: Record<string, Ask> = {}
    for (const [name, kind] of [
      ['no such account', 'nobody'],
      ['without a code', 'without a code'],
      ['expired', 'code expired'],
      ['retired', 'code retired'],
    ] as const) {
      const emails = await people(kind)
      cases[name] = (round) => ask(emails[round]!)
    }
    return cases
  }
  const first = (email: string) => timed(() => client.get(LOOK_UP + email))
  return [
    { what: 'code by e-mail, first time', cases: await all(first) },
    {
      what: 'code by e-mail, asked again',
      cases: await all((email) => first(email).then(() => first(email))),
    },
  ]
}

/** Sign-ins that have to wait: five failures of this account came right before. */
async function refused(client: Client, people: People): Promise<Group> {
  const ask = async (kind: Kind): Promise<Ask> => {
    const emails = await people(kind)
    return async (round) => {
      const email = emails[round]!
      for (let failures = 0; failures < 5; failures++) await signIn(client, email)
      let status = 0
      const ms = await timed(async () => (status = await signIn(client, email)))
      if (status !== 429) throw new Error(`answered ${status} instead of 429`)
      return ms
    }
  }
  return {
    what: 'sign in, has to wait',
    cases: {
      'no such account': await ask('nobody'),
      'wrong password': await ask('without a code'),
      blocked: await ask('blocked'),
    },
  }
}

async function measureAll(groups: Group[]): Promise<string[]> {
  const rows: string[] = []
  for (const { what, cases } of groups) {
    if (!what.includes(options.only)) continue
    say(what)
    const times = await measureInterleaved(cases, { n: N + WARM, seed: SEED })
    const kept = Object.entries(times).map(([name, all]) => [name, all.slice(WARM)] as const)
    const [[base, ours], ...others] = kept as [(typeof kept)[0], ...typeof kept]
    for (const [name, theirs] of others) {
      const { d, p } = kolmogorovSmirnov(ours, theirs)
      const medians = [median(ours), median(theirs)].map((ms) => ms.toFixed(2))
      const figures = [...medians, d.toFixed(3), p.toFixed(2), auc(ours, theirs).toFixed(3)]
      rows.push(`| ${[what, base, name, ...figures].join(' | ')} |`)
    }
  }
  return rows
}

function print(rows: string[]): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const lines = [
    `N ${N} a case, seed ${SEED}, commit ${commit}, Node.js ${process.version}, embedded PostgreSQL, ` +
      `one connection on the loopback address, ${new Date().toISOString().slice(0, 10)}`,
    '',
    '| asked | one case | other case | median, ms | median, ms | KS | p | AUC |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

await main()
