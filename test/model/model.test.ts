import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { fc } from '../support/chance.ts'
import { forgetCode } from '../../src/codes/service.ts'
import { inTransaction } from '../../src/context.ts'
import { findViolations } from '../../src/db/invariants.ts'
import { newId } from '../../src/lib/ids.ts'
import { writeEmailToken } from '../../src/recovery/email-tokens.ts'
import { openEmailToken } from '../../src/recovery/queries.ts'
import {
  type Account,
  createAccount,
  get,
  inHours,
  PASSWORD,
  post,
  send,
  startApp,
} from '../support/app.ts'
import {
  activeCode,
  aliasOf,
  attribute,
  type Code,
  confirm,
  counted,
  lastCode,
  newPerson,
  type Person,
  referralsOf,
  retire,
  type World,
} from './rules.ts'

const it = await startApp()

/** The accounts of the people in the world, by the same numbers. */
type Accounts = Account[]

interface Step {
  name: string
  /** What a person does, in the world and in the service, and that both agree on it. */
  take(world: World, accounts: Accounts, who: { person: Person; account: Account }): Promise<void>
}

/** A step of whoever has this number among those who are there. */
class Taken implements fc.AsyncCommand<World, Accounts> {
  readonly number: number
  readonly step: Step
  constructor(number: number, step: Step) {
    this.number = number
    this.step = step
  }

  check(world: World) {
    return this.personIn(world) !== undefined
  }

  async run(world: World, accounts: Accounts) {
    const person = this.personIn(world)!
    const account = accounts[world.people.indexOf(person)]!
    await this.step.take(world, accounts, { person, account })
  }

  toString() {
    return `${this.number} ${this.step.name}`
  }

  private personIn({ people }: World): Person | undefined {
    const there = people.filter(({ erased }) => !erased)
    return there[this.number % there.length]
  }
}

/** Somebody registers, alone: the step that the others need. */
class Arrives implements fc.AsyncCommand<World, Accounts> {
  check() {
    return true
  }

  async run(world: World, accounts: Accounts) {
    const account = await createAccount(it)
    accounts.push(account)
    world.people.push(newPerson(account.email))
  }

  toString() {
    return 'somebody registers'
  }
}

const friend: Step = { name: 'invites a friend', take: invite((_, email) => email) }
const oneself: Step = {
  name: 'registers once more by the own code',
  take: invite((person) => aliasOf(person.email, Date.now())),
}

function invite(addressOf: (person: Person, email: string) => string): Step['take'] {
  return async (world, accounts, { person }) => {
    const code = lastCode(person)
    const email = addressOf(person, `${newId()}@example.com`)
    const fields = {
      email,
      password: PASSWORD,
      referral_code: code?.text.toLowerCase() ?? 'NONE-1',
    }
    const response = await post(it, '/api/v1/auth/register', fields)
    if (code?.state !== 'active') {
      const why = code ? `referral_code_${code.state}` : 'referral_code_unknown'
      expect(response.json()).toMatchObject({ status: 422, code: why })
      expect((await post(it, '/api/v1/auth/login', fields)).statusCode).not.toBe(200)
      return
    }
    expect(response.statusCode, response.body).toBe(201)
    expect(response.json().referred_by).toMatchObject({ code: code.text })
    const tokens = (await post(it, '/api/v1/auth/login', { email, password: PASSWORD })).json()
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    accounts.push({ id: response.json().id, email, headers, ...tokens })
    const newcomer = newPerson(email)
    attribute(newcomer, code)
    world.people.push(newcomer)
  }
}

const create: Step = {
  name: 'creates a code',
  async take(_world, _accounts, { person, account }) {
    const response = await post(it, CODE, { expires_at: inHours(24) }, account)
    if (activeCode(person)) {
      expect(response.json()).toMatchObject({ status: 409, code: 'active_code_exists' })
    } else {
      expect(response.statusCode, response.body).toBe(201)
      person.codes.push({ text: response.json().code, owner: person, state: 'active' })
    }
  },
}

const replace: Step = {
  name: 'replaces the code',
  async take(_world, _accounts, { person, account }) {
    const body = { expires_at: inHours(48) }
    const response = await send(it, { method: 'PUT', url: CODE, payload: body }, account)
    expect(response.statusCode, response.body).toBe(201)
    retire(person)
    person.codes.push({ text: response.json().code, owner: person, state: 'active' })
  },
}

const retires: Step = {
  name: 'retires the code',
  async take(_world, _accounts, { person, account }) {
    const response = await send(it, { method: 'DELETE', url: CODE }, account)
    expect(response.statusCode).toBe(activeCode(person) ? 204 : 404)
    retire(person)
  },
}

const extend: Step = {
  name: 'extends the code',
  async take(_world, _accounts, { person, account }) {
    const payload = { expires_at: inHours(96) }
    const response = await send(it, { method: 'PATCH', url: CODE, payload }, account)
    expect(response.statusCode).toBe(activeCode(person) ? 200 : 404)
  },
}

const expire: Step = {
  name: "waits until the code's end",
  async take(_world, _accounts, { person, account }) {
    const code = activeCode(person)
    if (!code) return
    await end(code)
    await inTransaction(it.ctx, (ctx) => forgetCode(ctx, account.id))
    code.state = 'expired'
  },
}

const verify: Step = {
  name: 'confirms the address',
  async take(_world, _accounts, { person, account }) {
    const id = newId()
    const link = { id, userId: account.id, purpose: 'verify', lifetimeMs: 60_000 }
    await openEmailToken(it.ctx.db, link)
    const token = writeEmailToken(it.ctx, 'verify', id)
    expect((await post(it, '/api/v1/auth/verify-email', { token })).statusCode).toBe(204)
    expect((await post(it, '/api/v1/auth/verify-email', { token })).statusCode).toBe(410)
    confirm(person)
  },
}

const erase: Step = {
  name: 'erases the account',
  async take(_world, _accounts, { person, account }) {
    const response = await send(it, { method: 'DELETE', url: '/api/v1/users/me' }, account)
    expect(response.statusCode, response.body).toBe(204)
    retire(person)
    person.erased = true
    expect((await get(it, lookUp(person))).statusCode).toBe(404)
    await looksAtCode(lastCode(person))
  },
}

const look: Step = {
  name: 'looks',
  async take(world, _accounts, { person, account }) {
    const came = referralsOf(world, person)
    const list = (await get(it, '/api/v1/users/me/referrals?size=100', account)).json()
    expect(
      list.items.map((item: Record<string, string>) => [item['email'], item['status']]),
    ).toEqual(came.map(({ email, erased, cameBy }) => [erased ? null : email, cameBy!.status]))
    expect(list.total).toBe(came.length)

    const summary = (await get(it, '/api/v1/users/me/referrals/summary', account)).json()
    const confirmed = came.filter(({ cameBy }) => cameBy!.status === 'confirmed').length
    expect(summary).toMatchObject({ registrations: counted(came).length, confirmed })

    const codes = (await get(it, '/api/v1/referrals/codes?size=100', account)).json()
    expect(codes.items).toMatchObject(
      person.codes.toReversed().map((code) => ({
        code: code.text,
        is_active: code.state === 'active',
        uses: counted(came).filter(({ cameBy }) => cameBy!.code === code).length,
      })),
    )
    const found = await get(it, lookUp(person))
    const active = activeCode(person)
    expect(found.statusCode).toBe(active ? 200 : 404)
    if (active) expect(found.json().code).toBe(active.text)
    await looksAtCode(lastCode(person))
  },
}

// Its end is moved to a moment from now and waited for: what happened before stays before it.
async function end({ text }: Code): Promise<void> {
  const moment = sql<Date>`clock_timestamp() + interval '20 milliseconds'`
  await it.ctx.db
    .updateTable('referral_codes')
    .set({ expires_at: moment, expiry_set_at: sql`clock_timestamp()` })
    .where('code', '=', text)
    .execute()
  await sql`select pg_sleep(0.03)`.execute(it.ctx.db)
}

async function looksAtCode(code: Code | undefined): Promise<void> {
  if (!code) return
  const seen = await get(it, `/api/v1/referrals/codes/${code.text}`)
  expect(seen.json()).toMatchObject({ code: code.text, is_active: code.state === 'active' })
}

const CODE = '/api/v1/referrals/code'
const lookUp = ({ email }: Person) =>
  `/api/v1/referrals/code-by-email?email=${encodeURIComponent(email)}`

const STEPS = [
  create,
  create,
  friend,
  friend,
  oneself,
  replace,
  retires,
  extend,
  expire,
  verify,
  look,
  look,
  erase,
]

test('whatever people do in whatever order, the service answers as the rules say', async () => {
  const taken = fc
    .tuple(fc.nat({ max: 5 }), fc.constantFrom(...STEPS))
    .map(([number, step]) => new Taken(number, step))
  const commands = fc.commands([fc.constant(new Arrives()), taken, taken, taken, taken], {
    size: 'max',
    maxCommands: 40,
  })
  await fc.assert(
    fc.asyncProperty(commands, async (commands) => {
      await fc.asyncModelRun(() => ({ model: { people: [] }, real: [] }), commands)
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 20), endOnFailure: false },
  )
  expect(await findViolations(it.ctx.db)).toEqual([])
}, 300_000)
