import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { fc, SEED } from '../support/chance.ts'
import { newId } from '../../src/lib/ids.ts'
import {
  type Account,
  createAccount,
  createCode,
  inHours,
  PASSWORD,
  send,
  startApp,
} from '../support/app.ts'
import { insertUsers, promote } from '../support/rows.ts'
import { faultOf } from './answers.ts'
import { hostileAt, valuesAt } from './hostile-values.ts'
import { type Change, type Operation, operations, requestOf, type Valid } from './requests.ts'

/** How many values each field gets; FUZZ_RUNS=300 takes minutes. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 24)
const TIMEOUT = 60_000 + RUNS * 20_000

const it = await startApp()
let ann: Account
let friend: Account
let root: Account
let changer: Account
let victim: string
let code: string

beforeAll(async () => {
  ann = await createAccount(it)
  code = await createCode(it, ann)
  friend = await createAccount(it, { referral_code: code })
  root = await createAccount(it)
  changer = await createAccount(it)
  await promote(it, root)
  victim = (await insertUsers(it, 1))[0]!.id
})

/** Bodies that would be accepted, where the example of the document would not be. */
const BODIES: Record<string, () => Record<string, unknown>> = {
  register: () => ({ email: `${newId()}@example.com`, password: PASSWORD }),
  inviteUser: () => ({ email: `${newId()}@example.com` }),
  login: () => ({ email: ann.email, password: PASSWORD }),
  openSession: () => ({ email: ann.email, password: PASSWORD }),
  issueToken: () => ({ grant_type: 'password', username: ann.email, password: PASSWORD }),
  changePassword: () => ({ current_password: PASSWORD, new_password: `${PASSWORD} staple` }),
  createCode: () => ({ expires_at: inHours(1) }),
  replaceCode: () => ({ expires_at: inHours(1) }),
  extendCode: () => ({ expires_at: inHours(2) }),
  extendAnyCode: () => ({ expires_at: inHours(2) }),
}

function validOf({ id, path }: Operation): Valid {
  const user_id = path.startsWith('/api/v1/admin/users') ? victim : ann.id
  const named = id === 'explainReferral' ? friend.id : newId()
  const body = BODIES[id]?.()
  return {
    path: { user_id, code, id: named, name: 'none.eml' },
    ...(id === 'findCodeByEmail' && { query: { email: ann.email } }),
    ...(body && { body }),
  }
}

function actorOf({ id, door }: Operation, turn: number): Account | undefined {
  if (id === 'changePassword') return changer
  if (door === 'administrator') return root
  return door === 'anybody' && turn % 2 === 0 ? undefined : ann
}

/** Asks, and says what is wrong with the answer. */
async function ask(operation: Operation, changes: Change[], turn = 0) {
  const before = operation.method === 'GET' ? undefined : await fingerprint()
  const request = requestOf(operation, validOf(operation), changes)
  const response = await answered(send(it, request, actorOf(operation, turn)))
  if (response === 'silence') return 'no answer'
  const refused = response.statusCode >= 400
  if (before && refused && (await fingerprint()) !== before) return 'refused, yet something changed'
  if (!refused) await carryOn(operation, response.body)
  return faultOf(response, operation, changes)
}

const answered = <T>(response: Promise<T>) =>
  Promise.race([
    response,
    new Promise<'silence'>((resolve) => setTimeout(resolve, 30_000, 'silence').unref()),
  ])

/** Each version of each row has its own number: the sum of them all changes with anything. */
async function fingerprint(): Promise<string> {
  const { rows } = await sql<{ text: string }>`select concat_ws(' ', ${sql.join(
    TABLES.map((table) => sql`(select sum(xmin::text::bigint) from ${sql.table(table)})`),
  )}) as text`.execute(it.ctx.db)
  return rows[0]!.text
}

const TABLES = [
  'users',
  'sessions',
  'email_tokens',
  'audit_events',
  'idempotency_keys',
  'referral_codes',
  'referrals',
  'referral_touches',
  'user_visitors',
  'signing_keys',
  'pgboss.job',
]

// What a request in order has changed is made good for the next one.
async function carryOn({ id }: Operation, body: string): Promise<void> {
  if (id === 'changePassword') changer = await createAccount(it)
  if (id === 'replaceCode') code = JSON.parse(body).code
}

const withFields = operations.filter(({ fields }) => fields.length > 0)

test.each(withFields.map((operation) => [operation.name, operation] as const))(
  `%s answers every hostile value as its document says (seed ${SEED})`,
  async (_name, operation) => {
    const faults: string[] = []
    for (const field of operation.fields) {
      const values = valuesAt(field, RUNS, SEED)
      for (const [turn, value] of values.entries()) {
        const fault = await ask(operation, [{ ...field, value }], turn)
        if (fault) faults.push(`${field.place} ${field.name}=${value.slice(0, 120)}: ${fault}`)
      }
    }
    expect(faults).toEqual([])
  },
  TIMEOUT,
)

test(
  `several hostile fields at once are answered as the document says (seed ${SEED})`,
  async () => {
    const arbitrary = fc.constantFrom(...withFields).chain((operation) =>
      fc.record({
        operation: fc.constant(operation),
        turn: fc.nat(1),
        changes: changesOf(operation),
      }),
    )
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ operation, changes, turn }) => {
        expect(await ask(operation, changes, turn), operation.name).toBeUndefined()
      }),
      { seed: SEED, numRuns: RUNS * 20, endOnFailure: false },
    )
  },
  TIMEOUT,
)

function changesOf({ fields }: Operation): fc.Arbitrary<Change[]> {
  const each = fields.map((field) =>
    fc.option(
      hostileAt(field.place).map((value) => ({ ...field, value })),
      { nil: undefined },
    ),
  )
  return fc.tuple(...each).map((changes) => changes.filter((change) => change !== undefined))
}

test('whoever has no business there is refused before the values are looked at', async () => {
  for (const operation of withFields.filter(({ door }) => door !== 'anybody')) {
    const changes = operation.fields.map((field) => {
      return { ...field, value: valuesAt(field, 1, SEED)[0]! }
    })
    const request = requestOf(operation, validOf(operation), changes)
    const { statusCode } = await send(it, request)
    expect([400, 401], operation.name).toContain(statusCode)
  }
})

test('nothing of this was a fault of the service', () => {
  expect(it.logged.filter(({ level }) => Number(level) >= 50)).toEqual([])
})
