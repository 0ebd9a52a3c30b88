import { setTimeout as sleep } from 'node:timers/promises'
import { hashLoad, httpLoad, latencies, type Load, openLoop } from './load.ts'
import { type Program, startBare } from './programs.ts'
import type { Referrer } from './referrer.ts'
import { API, changing, newChangers, registering, signingIn } from './requests.ts'

export interface Setting {
  service: Program
  databaseUrl: string
  dataDir: string
  referrer: Referrer
}

/** Two sides of one comparison, measured in turn. */
export interface Sides {
  limit: Load
  service: Load
  stop(): Promise<void>
}

export interface Row {
  name: string
  work: string
  /** The least ratio of the service's figure to the limit's that is good. */
  goal: number
  /** Why it cannot be measured here. */
  missing?: string | undefined
  prepare(setting: Setting): Promise<Sides>
}

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/140.0', accept: 'text/html' }

const BEST_LIST = `
  select u.id, u.id as user_id, u.email, u.username, c.code, r.status, r.attributed_at, r.confirmed_at
  from referrals r join users u on u.id = r.user_id join referral_codes c on c.id = r.code_id
  where r.referrer_id = $1 order by r.user_id desc limit 51`

/** The work of the service, each kind with the limit that it is held against. */
export const ROWS: Row[] = [
  {
    name: 'look-up',
    work: 'look up a code by e-mail / bare node:http, the same bytes',
    goal: 0.75,
    prepare: ({ service, referrer }) =>
      sameBytes(service, `${API}/referrals/code-by-email?email=${referrer.email}`),
  },
  {
    name: 'check',
    work: 'check a code / bare node:http, the same bytes',
    goal: 0.75,
    prepare: ({ service, referrer }) =>
      sameBytes(service, `${API}/referrals/codes/${referrer.code}`),
  },
  {
    name: 'link',
    work: 'open a share link / bare node:http, the same bytes',
    goal: 0.6,
    prepare: ({ service, referrer }) => sameBytes(service, `/r/${referrer.code}`, BROWSER),
  },
  {
    name: 'list',
    work: 'list of 50 referrals, signed in / bare node:http + pg, the one best query',
    goal: 0.85,
    async prepare({ service, referrer, databaseUrl }) {
      const env = { QUERY: BEST_LIST, PARAMETER: referrer.id, DATABASE_URL: databaseUrl }
      const bare = await startBare(env)
      const url = `${service.address}${API}/users/me/referrals`
      return {
        limit: httpLoad(bare, { url: bare.address }),
        service: httpLoad(service, { url, headers: referrer.headers }),
        stop: bare.stop,
      }
    },
  },
  {
    name: 'change',
    work: 'create and retire a code / bare node:http + pg, the same statements',
    goal: 0.8,
    prepare: createAndRetire,
  },
  {
    name: 'register',
    work: 'register with a code / argon2id hashes on all cores',
    goal: 0.9,
    prepare: async ({ service, referrer }) => ({
      limit: hashLoad,
      service: registering(service, () => referrer.code),
      stop: async () => {},
    }),
  },
  {
    name: 'sign-in',
    work: 'sign in / argon2id hashes on all cores',
    goal: 0.9,
    prepare: async ({ service, referrer }) => ({
      limit: hashLoad,
      service: httpLoad(service, { ...signingIn(service, referrer), connections: 8 }),
      stop: async () => {},
    }),
  },
  {
    name: 'beside-hashing',
    work: 'look-ups a second at their p99, while 16 sign in without pause / the same when idle',
    goal: 0.2,
    prepare: async ({ service, referrer }) => {
      const url = `${service.address}${API}/referrals/codes/${referrer.code}`
      const hashing = httpLoad(service, { ...signingIn(service, referrer), connections: 16 })
      return { limit: atP99(url), service: atP99(url, hashing), stop: async () => {} }
    },
  },
  {
    name: 'overload',
    work: 'sign-ins that succeed when twice as many come / as many as the service can do',
    goal: 0.9,
    prepare: async ({ service, referrer }) => {
      const request = signingIn(service, referrer)
      const one = { ...request, ...request.requests[0]! }
      const steady = httpLoad(service, { ...request, connections: 8, shedding: true })
      // What it can do changes with what else the machine does, so it is asked right before.
      let capacity = 1
      return {
        limit: async (seconds) => {
          const sample = await steady(seconds)
          capacity = sample.perSecond
          return sample
        },
        service: async (seconds) => {
          const sample = await openLoop(service, one, { perSecond: capacity * 2, seconds })
          // What still waits in the service is not the next round's.
          await sleep(2000)
          return sample
        },
        stop: async () => {},
      }
    },
  },
]

async function sameBytes(service: Program, path: string, headers = {}): Promise<Sides> {
  const url = service.address + path
  const answer = await fetch(url, { headers, redirect: 'manual' })
  const sent = new Headers(answer.headers)
  for (const name of ['connection', 'date', 'keep-alive', 'content-length']) sent.delete(name)
  const ANSWER = {
    status: answer.status,
    headers: Object.fromEntries(sent),
    body: await answer.text(),
  }
  const bare = await startBare({ ANSWER: JSON.stringify(ANSWER) })
  return {
    limit: httpLoad(bare, { url: bare.address, headers }),
    service: httpLoad(service, { url, headers }),
    stop: bare.stop,
  }
}

/** The people of a round on each side, who create codes and retire them in turn. */
async function createAndRetire({ service, databaseUrl }: Setting): Promise<Sides> {
  const [ours, theirs] = [await newChangers(service), await newChangers(service)]
  const USERS = JSON.stringify(theirs.map(({ id }) => id))
  const bare = await startBare({ USERS, DATABASE_URL: databaseUrl })
  return {
    limit: changing(bare, (nth) => ({ 'x-user': String(nth) })),
    service: changing(service, (nth) => ours[nth]!.headers),
    stop: bare.stop,
  }
}

/** As many a second as one that always waits for the slowest of a hundred would come to. */
function atP99(url: string, beside?: Load): Load {
  return async (seconds) => {
    const besides = beside?.(seconds + 1)
    if (besides) await sleep(500)
    const taken = await latencies(url, seconds)
    await besides
    const at = (share: number) => taken[Math.floor(taken.length * share)]!
    const [serverMicros, clientMicros] = [Number.NaN, Number.NaN]
    const [p50, p99] = [at(0.5), at(0.99)]
    return { perSecond: 1000 / p99, p50, p99, refusedPerSecond: 0, serverMicros, clientMicros }
  }
}
