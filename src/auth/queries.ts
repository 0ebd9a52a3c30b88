import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { hotFirst } from '../db/hot.ts'
import { LOCKS } from '../db/locks.ts'

const now = sql<Date>`clock_timestamp()`

/** A user as sign-in needs it, found by the folded e-mail address or username. */
export const findCredentials = (db: Db, keys: { email?: string; username?: string }) =>
  findByKeys(db, keys.email ?? null, keys.username ?? null)

const findByKeys = hotFirst(
  'auth.findCredentials',
  (db, email: string | null, username: string | null) =>
    db
      .selectFrom('users')
      .select(['id', 'password_hash', 'blocked_at', 'email_verified_at'])
      .where((where) =>
        where.or([where('email_key', '=', email), where('username_key', '=', username)]),
      ),
)

export function findUser(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select(['password_hash', 'email', 'username'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** The user, held until the transaction ends, so that a password or a block cannot change meanwhile. */
export function lockUser(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select(['id', 'password_hash', 'email_verified_at'])
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

/** The user with the hash that was verified, held until the session is there; undefined if it changed. */
export const findUnchanged = hotFirst(
  'auth.findUnchanged',
  (db, id: string, passwordHash: string) =>
    db
      .selectFrom('users')
      .select(['id', 'role'])
      .where('id', '=', id)
      .where('password_hash', '=', passwordHash)
      .where('blocked_at', 'is', null)
      .forShare(),
)

export function updatePassword(db: Db, id: string, passwordHash: string) {
  return db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', id).execute()
}

/** Replaces a hash by a stronger one of the same password, unless the password changed meanwhile. */
export function updateHash(db: Db, id: string, from: string, to: string) {
  return db
    .updateTable('users')
    .set({ password_hash: to })
    .where('id', '=', id)
    .where('password_hash', '=', from)
    .execute()
}

/** Whether somebody who has signed in before does so with a program never seen at this account. */
export async function isNewDevice(db: Db, userId: string, userAgent: string): Promise<boolean> {
  const { seen, same } = (await findDevice(db, userId, userAgent))!
  return seen && !same
}

// Not counted: a program that signs in for each of its runs leaves thousands of sessions.
const findDevice = hotFirst('auth.findDevice', (db, userId: string, userAgent: string) =>
  db.selectNoFrom(({ exists, selectFrom }) => {
    const sessions = selectFrom('sessions').where('user_id', '=', userId)
    return [
      exists(sessions).$castTo<boolean>().as('seen'),
      exists(sessions.where('user_agent', '=', userAgent))
        .$castTo<boolean>()
        .as('same'),
    ]
  }),
)

interface NewSession {
  id: string
  user_id: string
  client_id: string
  user_agent: string
}

export const insertSession = async (db: Db, values: NewSession, idleSeconds: number) =>
  (await insertOpen(db, { ...values }, idleSeconds))!

const insertOpen = hotFirst(
  'auth.insertSession',
  (db, values: { [Field in keyof NewSession]: string }, idleSeconds: number) =>
    db
      .insertInto('sessions')
      .values({
        ...values,
        created_at: sql`now()`,
        // 30 days of the calendar are an hour short where clocks go forward.
        expires_at: sql`least(now() + ${idleSeconds} * interval '1 second',
          now() + interval '30 days')`,
      })
      .returning(['id', 'created_at']),
)

const ROTATED = [
  'sessions.id',
  'sessions.counter',
  'sessions.client_id',
  'sessions.created_at',
  'users.id as user_id',
  'users.role',
] as const

/** Spends refresh token number `counter`: of all who use it at once exactly one gets a row. */
export function rotateSession(db: Db, id: string, counter: number, idleSeconds: number) {
  return db
    .updateTable('sessions')
    .from('users')
    .set({
      counter: counter + 1,
      used_at: now,
      expires_at: sql`least(clock_timestamp() + ${idleSeconds} * interval '1 second',
        sessions.created_at + interval '30 days')`,
    })
    .whereRef('users.id', '=', 'sessions.user_id')
    .where('sessions.id', '=', id)
    .where('sessions.counter', '=', counter)
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .where('users.blocked_at', 'is', null)
    .where('users.erased_at', 'is', null)
    .returning(ROTATED)
    .executeTakeFirst()
}

/** The session whose last rotation spent `counter` within the last 10 s, its successor still unused. */
export function findRotated(db: Db, id: string, counter: number) {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(ROTATED)
    .where('sessions.id', '=', id)
    .where('sessions.counter', '=', counter + 1)
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .where('sessions.used_at', '>', sql<Date>`clock_timestamp() - interval '10 seconds'`)
    .where('users.blocked_at', 'is', null)
    .where('users.erased_at', 'is', null)
    .executeTakeFirst()
}

/** The user behind a session that has not ended; nobody when the user was blocked or erased. */
export const findPrincipal = hotFirst('auth.findPrincipal', (db, sessionId: string) =>
  db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['users.id', 'users.role', 'sessions.id as session_id'])
    .where('sessions.id', '=', sessionId)
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .where('users.blocked_at', 'is', null)
    .where('users.erased_at', 'is', null),
)

/** Whether a session that has not ended was opened by a sign-in of the last 10 minutes. */
export function findSignIn(db: Db, sessionId: string) {
  return db
    .selectFrom('sessions')
    .select(sql<boolean>`created_at > clock_timestamp() - interval '10 minutes'`.as('is_recent'))
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
}

export function listSessions(db: Db, userId: string) {
  return db
    .selectFrom('sessions')
    .select(['id', 'client_id', 'user_agent', 'created_at', 'used_at', 'expires_at'])
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .limit(1000)
    .execute()
}

/** Ends sessions; returns those that it ended, and whether they were still good. */
export function revokeSessions(db: Db, which: { id?: string; userId?: string; except?: string }) {
  return db
    .updateTable('sessions')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .$if(which.id !== undefined, (q) => q.where('id', '=', which.id!))
    .$if(which.userId !== undefined, (q) => q.where('user_id', '=', which.userId!))
    .$if(which.except !== undefined, (q) => q.where('id', '!=', which.except!))
    .returning(['id', 'user_id', sql<boolean>`expires_at > clock_timestamp()`.as('was_open')])
    .execute()
}

export function listSigningKeys(db: Db) {
  return db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').execute()
}

export function insertSigningKey(
  db: Db,
  key: { id: string; state: 'next' | 'active'; public_jwk: string; private_jwk_encrypted: Buffer },
) {
  return db
    .insertInto('signing_keys')
    .values({ ...key, activated_at: key.state === 'active' ? now : null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** One rotation at a time, on all instances. */
export async function lockSigningKeys(db: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCKS.rotateKeys})`.execute(db)
}

/** Whether the active key is older than `days`. */
export async function activeKeyIsOlderThan(db: Db, days: number): Promise<boolean> {
  const old = await db
    .selectFrom('signing_keys')
    .select('id')
    .where('state', '=', 'active')
    .where('activated_at', '<', sql<Date>`clock_timestamp() - ${days} * interval '1 day'`)
    .executeTakeFirst()
  return old !== undefined
}

/** Retires the active key, makes the next one active and forgets keys retired for over 30 days. */
export async function promoteSigningKey(db: Db): Promise<void> {
  const keys = db.updateTable('signing_keys')
  await keys.set({ state: 'retired', retired_at: now }).where('state', '=', 'active').execute()
  await keys.set({ state: 'active', activated_at: now }).where('state', '=', 'next').execute()
  await db
    .deleteFrom('signing_keys')
    .where('retired_at', '<', sql<Date>`clock_timestamp() - interval '30 days'`)
    .execute()
}
