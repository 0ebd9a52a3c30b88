import { invite } from '../../accounts/service.ts'
import { record } from '../../audit/service.ts'
import type { Action, Details } from '../../audit/schemas.ts'
import { endAllSessions, requireRecentSignIn } from '../../auth/service.ts'
import { forgetCode, holdCodeFor } from '../../codes/service.ts'
import { type Context, inTransaction } from '../../context.ts'
import type { PageQuery } from '../../db/page.ts'
import { AppError } from '../../errors.ts'
import type { Actor, Principal } from '../../http/auth.ts'
import { foldCode, parseCode } from '../../lib/code-text.ts'
import { parseTimestamp } from '../../lib/dates.ts'
import { parseEmail } from '../../lib/email.ts'
import { parseId } from '../../lib/ids.ts'
import { erasePerson } from '../../privacy/service.ts'
import * as queries from './queries.ts'

/** The administrator who asks, and by which request. */
export interface Admin {
  principal: Principal
  by: Actor
}

interface ListQuery extends PageQuery {
  q?: string
  role?: 'user' | 'admin'
  blocked?: boolean
  email_verified?: boolean
  created_from?: string
  created_to?: string
}

interface Person {
  id: string
  role: 'user' | 'admin'
  blocked_at: Date | null
}

type Told = [action: Action, details?: Details]

/** A page of everybody, newest first. */
export function list(ctx: Context, query: ListQuery) {
  const { page, size, cursor, ...filters } = query
  const found = readFilters(filters)
  return queries.listUsers(ctx.db, found, { page, size, ...(cursor && { cursor }) })
}

/** The filters of a list or an export. */
export function readFilters(filters: Omit<ListQuery, keyof PageQuery>) {
  const { q, created_from, created_to, ...rest } = filters
  return {
    ...rest,
    ...(q !== undefined && { q: readSearch(q) }),
    ...(created_from && { created_from: parseTimestamp(created_from)! }),
    ...(created_to && { created_to: parseTimestamp(created_to)! }),
  }
}

/** Everything that an administrator is shown of a user; throws `user_not_found`. */
export async function getDetail(ctx: Context, principal: Principal, userId: string) {
  const id = readId(principal, userId)
  const user = id && (await queries.findUser(ctx.db, id))
  if (!user) throw new AppError('user_not_found')
  return user
}

/** The id of somebody who is or was there; throws `user_not_found`. */
export async function getId(ctx: Context, principal: Principal, userId: string): Promise<string> {
  const id = readId(principal, userId)
  if (!id || !(await queries.userExists(ctx.db, id))) throw new AppError('user_not_found')
  return id
}

/**
 * Blocks a user: every session ends, nobody signs in, the code works no more until the block is lifted. The
 * code is held before the block is stamped, so that no registration by it comes after.
 */
export function block(ctx: Context, admin: Admin, userId: string, reason: string | undefined) {
  return change(ctx, admin, userId, async (ctx, user) => {
    refuseSelf(admin, user)
    if (user.blocked_at) return
    await holdCodeFor(ctx, user.id)
    await queries.updateBlock(ctx.db, user.id, reason ?? null)
    const sessions = await endAllSessions(ctx, user.id)
    await tell(ctx, admin, user, ['user.blocked', { sessions }])
  })
}

/** Lifts a block: the user may sign in again, and the code works again if it has not expired meanwhile. */
export function unblock(ctx: Context, admin: Admin, userId: string) {
  return change(ctx, admin, userId, async (ctx, user) => {
    if (!user.blocked_at) return
    await queries.liftBlock(ctx.db, user.id)
    await forgetCode(ctx, user.id)
    await tell(ctx, admin, user, ['user.unblocked'])
  })
}

/** Makes a user an administrator, or an administrator a user. */
export function changeRole(ctx: Context, admin: Admin, userId: string, to: 'user' | 'admin') {
  return change(ctx, admin, userId, async (ctx, user) => {
    refuseSelf(admin, user)
    if (user.role === to) return
    await queries.updateRole(ctx.db, user.id, to)
    await tell(ctx, admin, user, ['user.role_changed', { from: user.role, to }])
  })
}

/** Signs a user out everywhere. */
export function endSessions(ctx: Context, admin: Admin, userId: string) {
  return change(ctx, admin, userId, async (ctx, user) => {
    const sessions = await endAllSessions(ctx, user.id)
    await tell(ctx, admin, user, ['user.sessions_ended', { sessions }])
  })
}

/** Mails a user the link to set a new password; nothing changes until it is used. */
export function sendReset(ctx: Context, admin: Admin, userId: string) {
  return change(ctx, admin, userId, async (ctx, user) => {
    // Nobody who is blocked is sent any mail.
    if (user.blocked_at) throw new AppError('user_blocked')
    await ctx.jobs.enqueue(ctx.db, 'mail', { mail: 'reset', user_id: user.id })
    await tell(ctx, admin, user, ['user.reset_sent'])
  })
}

/** Erases a user as users erase themselves; the administrator must have signed in of late. */
export function erase(ctx: Context, admin: Admin, userId: string) {
  return change(ctx, admin, userId, async (ctx, user) => {
    refuseSelf(admin, user)
    await requireRecentSignIn(ctx, admin.principal)
    await erasePerson(ctx, admin.by, user.id)
  })
}

/** Invites somebody, or again who has not accepted yet; answers the user and whether it is a new one. */
export async function inviteUser(
  ctx: Context,
  admin: Admin,
  input: { email: string; role?: 'user' | 'admin'; locale?: 'en' | 'ru' },
) {
  const { id, created } = await invite(ctx, admin.by, input, (ctx) =>
    holdWithAdmin(ctx, admin, admin.principal.id),
  )
  return { user: await getDetail(ctx, admin.principal, id), created }
}

/**
 * A change of a user by an administrator, in one transaction that holds both: who was demoted or blocked a
 * moment ago changes nobody any more, and of two who change each other one comes too late.
 */
function change(
  ctx: Context,
  admin: Admin,
  userId: string,
  work: (ctx: Context, user: Person) => Promise<void>,
): Promise<void> {
  const id = readId(admin.principal, userId)
  return inTransaction(ctx, async (ctx) => {
    const user = await holdWithAdmin(ctx, admin, id)
    if (!user) throw new AppError('user_not_found')
    await work(ctx, user)
  })
}

/** Holds a user and the administrator; throws where that one is none any more. */
async function holdWithAdmin(
  ctx: Context,
  { principal }: Admin,
  id: string | undefined,
): Promise<Person | undefined> {
  const held = await queries.lockUsers(ctx.db, [principal.id, id ?? principal.id])
  const actor = held.find((user) => user.id === principal.id)
  if (!actor || actor.blocked_at) throw new AppError('invalid_token')
  if (actor.role !== 'admin') throw new AppError('admin_only')
  return held.find((user) => user.id === id)
}

function tell(ctx: Context, { by }: Admin, { id }: Person, [action, details]: Told): Promise<void> {
  return record(ctx, by, { action, user_id: id, ...(details && { details }) })
}

function refuseSelf({ principal }: Admin, user: Person): void {
  if (user.id === principal.id) throw new AppError('own_account')
}

const readId = (principal: Principal, text: string) =>
  text === 'me' ? principal.id : parseId(text)

function readSearch(q: string): queries.Search {
  const text = q.trim()
  const [id, code] = [parseId(text), parseCode(text)]
  return {
    text: parseEmail(text)?.key ?? text.normalize('NFKC').toLowerCase(),
    ...(id && { id }),
    ...(code && { codeKey: foldCode(code) }),
  }
}
