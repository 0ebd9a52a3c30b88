import { sql } from 'kysely'
import { connect, type Db } from '../../src/db/connect.ts'
import { findViolations, type Violation } from '../../src/db/invariants.ts'
import type { Entry } from './history.ts'

/** What the tables say against what the clients were told; all of it is empty when all is well. */
export interface Verdict {
  /** Acknowledged, but not there. */
  lost: string[]
  /** Refused, but there. */
  refusedButPresent: string[]
  /** There more than once. */
  duplicates: string[]
  violations: Violation[]
}

/** Compares a finished history with the database at `url`. */
export async function check(url: string, history: readonly Entry[]): Promise<Verdict> {
  const { db } = connect(url, { max: 1 })
  try {
    const tables = await readTables(db)
    const verdict: Verdict = { lost: [], refusedButPresent: [], duplicates: [], violations: [] }
    for (const entry of history) compare(entry, tables, verdict)
    compareSessions(history, tables, verdict)
    for (const actor of new Set(history.map((entry) => entry.actor))) {
      const own = history.filter((entry) => entry.actor === actor)
      compareActive(own, tables, verdict)
    }
    for (const { email, jobs } of tables.users.values()) {
      if (jobs === 0) verdict.lost.push(`the mail to ${email}`)
      if (jobs > 1) verdict.duplicates.push(`${jobs} mails to ${email}`)
    }
    verdict.lost.push(...tables.orphans.map((user) => `the user ${user} of a mail`))
    return { ...verdict, violations: await findViolations(db) }
  } finally {
    await db.destroy()
  }
}

interface User {
  email: string
  /** The code that they came by. */
  came_by: string | null
  /** Their active code. */
  active: string | null
  /** How many first mails are written or to be written to them. */
  jobs: number
}

interface Tables {
  users: Map<string, User>
  codes: Set<string>
  /** How many sessions were opened with this program. */
  agents: Map<string, number>
  /** Counters of refresh tokens. */
  sessions: Map<string, number>
  /** Whom a mail is for who is not there. */
  orphans: string[]
}

async function readTables(db: Db): Promise<Tables> {
  const users = await sql<User>`
    select email, came.code as came_by, own.code as active,
      (select count(*) from pgboss.job where name = 'mail'
        and data ->> 'mail' = 'verify' and data ->> 'user_id' = users.id::text) as jobs
    from users left join referrals on referrals.user_id = users.id
    left join referral_codes came on came.id = referrals.code_id
    left join referral_codes own on own.user_id = users.id and own.retired_at is null`.execute(db)
  const codes = await db.selectFrom('referral_codes').select('code').execute()
  const sessions = await db.selectFrom('sessions').select(['id', 'counter', 'user_agent']).execute()
  const orphans = await sql<{ user: string }>`
    select data ->> 'user_id' as user from pgboss.job where name = 'mail'
      and data ->> 'user_id' not in (select id::text from users)`.execute(db)
  const agents = new Map<string, number>()
  for (const { user_agent } of sessions) agents.set(user_agent, (agents.get(user_agent) ?? 0) + 1)
  return {
    users: new Map(users.rows.map((user) => [user.email, user])),
    codes: new Set(codes.map(({ code }) => code)),
    agents,
    sessions: new Map(sessions.map(({ id, counter }) => [id.replaceAll('-', ''), counter])),
    orphans: orphans.rows.map(({ user }) => user),
  }
}

function compare({ operation, outcome }: Entry, tables: Tables, verdict: Verdict): void {
  const found = countOf(operation, tables)
  if (found === undefined) return
  const what = Object.values(operation).join(' ')
  if (outcome === 'ok' && found === 0) verdict.lost.push(what)
  if (outcome === 'failed' && found > 0) verdict.refusedButPresent.push(what)
  if (found > 1) verdict.duplicates.push(what)
}

/** How often the effect of an operation is there; undefined where it leaves nothing of its own. */
function countOf(operation: Entry['operation'], { users, codes, agents }: Tables) {
  switch (operation.kind) {
    case 'register': {
      const user = users.get(operation.email)
      // Account and referral are one effect.
      return user && (operation.code ?? null) === user.came_by ? 1 : 0
    }
    case 'sign_in':
      return agents.get(operation.agent) ?? 0
    case 'create_code':
    case 'replace_code':
      return codes.has(operation.code) ? 1 : 0
    default:
      return undefined
  }
}

/** A session's counter is the greatest that was answered, or so many more as uses are unknown. */
function compareSessions(history: readonly Entry[], { sessions }: Tables, verdict: Verdict): void {
  const answered = new Map<string, number>()
  const unknown = new Map<string, number>()
  for (const { operation, outcome, body } of history) {
    if (operation.kind === 'refresh' && outcome === 'unknown') {
      unknown.set(operation.session, (unknown.get(operation.session) ?? 0) + 1)
    }
    if (outcome !== 'ok' || typeof body['refresh_token'] !== 'string') continue
    const [session = '', counter] = body['refresh_token'].split('.')
    answered.set(session, Math.max(answered.get(session) ?? 0, Number(counter)))
  }
  for (const [session, counter] of answered) {
    const found = sessions.get(session) ?? -1
    if (found < counter) verdict.lost.push(`refresh ${counter} of ${session}`)
    if (found > counter + (unknown.get(session) ?? 0)) {
      verdict.refusedButPresent.push(`refresh ${found} of ${session}`)
    }
  }
}

/** The active code of one actor, whose changes come one after another, is one that they may have left. */
function compareActive(history: readonly Entry[], { users }: Tables, verdict: Verdict): void {
  let possible: (string | null)[] = [null]
  for (const { operation, outcome } of history) {
    if (outcome === 'failed' || !operation.kind.endsWith('_code')) continue
    const left = operation.kind === 'retire_code' ? null : (operation as { code: string }).code
    possible = outcome === 'ok' ? [left] : [...possible, left]
  }
  const first = history.find((entry) => entry.operation.kind === 'sign_in')
  const email = first && (first.operation as { email: string }).email
  const user = email === undefined ? undefined : users.get(email)
  if (user && !possible.includes(user.active)) {
    verdict.lost.push(`the code of ${user.email} is ${user.active}, not ${possible.join(' or ')}`)
  }
}
