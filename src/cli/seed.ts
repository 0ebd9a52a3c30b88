import { defineCommand } from 'citty'
import { hashNewPassword } from '../auth/service.ts'
import { openSeeding, type Seeding } from '../db/seed.ts'
import { randomSecret } from '../lib/secrets.ts'
import { CommandError, EXIT_USAGE } from './command-error.ts'
import { DEMO_DAYS, type Demo, draw, newDemo } from './demo-people.ts'
import { showProgress } from './progress.ts'
import { say, withContext } from './run.ts'

const BATCH = 20_000
const PEOPLE_MAX = 100_000_000
const EXIT_INTERRUPTED = 130

export const seed = defineCommand({
  meta: {
    name: 'seed',
    description: `Add demo people with codes and referrals of the last ${DEMO_DAYS} days; Ctrl-C ends it cleanly.`,
  },
  args: {
    users: { type: 'string', description: 'How many people', default: '50', valueHint: 'number' },
    'referrals-of-one': {
      type: 'string',
      description: 'How many more people, all of them referrals of one referrer',
      default: '0',
      valueHint: 'number',
    },
    password: {
      type: 'string',
      description: 'Password of all of them; a random one is made and printed when left out',
    },
    yes: { type: 'boolean', description: 'Go on though the database has people already' },
  },
  run: ({ args }) =>
    withContext(async (ctx) => {
      const users = wholeNumber('users', args.users, 2)
      const ofOne = wholeNumber('referrals-of-one', args['referrals-of-one'], 0)
      const password = args.password ?? randomSecret(9)
      const seeding = await openSeeding(ctx.database.url)
      try {
        if (seeding.people > 0 && !args.yes) throw new CommandError(hasPeople(seeding.people))
        await add(seeding, { total: users + ofOne, ofOne, password })
      } finally {
        await seeding.close()
      }
    }),
})

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= PEOPLE_MAX) return number
  const range = `a whole number from ${least} to ${PEOPLE_MAX}`
  throw new CommandError(`--${name} must be ${range}, not "${text}".`, EXIT_USAGE)
}

const hasPeople = (people: number) =>
  `The database has ${people} people already. If it is for trying out, add --yes to add demo people to them.`

interface Sums {
  codes: number
  referrals: number
}

async function add(
  seeding: Seeding,
  { password, ...plan }: { total: number; ofOne: number; password: string },
): Promise<void> {
  const passwordHash = await hashNewPassword(password, [])
  const demo = newDemo({ ...plan, now: seeding.now, passwordHash })
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

  const progress = showProgress(plan.total, 'people')
  const sums: Sums = { codes: 0, referrals: 0 }
  try {
    while (demo.index < plan.total && !stop.signal.aborted) {
      const seqs = await seeding.reserve(Math.min(BATCH, plan.total - demo.index))
      const batch = draw(demo, seqs)
      await seeding.insert(batch)
      sums.codes += batch.referral_codes.length
      sums.referrals += batch.referrals.length
      progress.update(demo.index)
    }
  } finally {
    progress.stop()
  }
  await seeding.analyze()
  if (stop.signal.aborted) process.exitCode = EXIT_INTERRUPTED
  report(demo, sums, password)
}

function report({ index, total, first, codes }: Demo, sums: Sums, password: string): void {
  if (index < total) say(`Stopped after ${index} of ${total} people.`)
  const [referrer, admin] = first
  if (!referrer || !admin) return
  process.stdout.write(
    `Added ${index} people with ${sums.codes} codes and ${sums.referrals} referrals.\n` +
      `Sign in with the password ${password} as\n` +
      `  ${referrer.email}, a referrer with the code ${codes[0]?.code}\n` +
      `  ${admin.email}, an administrator\n`,
  )
}
