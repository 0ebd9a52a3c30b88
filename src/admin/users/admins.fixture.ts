import { type Account, createAccount, send, type TestApp } from '../../../test/support/app.ts'
import { promote } from '../../../test/support/rows.ts'

const users = '/api/v1/admin/users'

/** Somebody who is an administrator. */
export async function createAdmin(it: TestApp, fields: object = {}): Promise<Account> {
  const account = await createAccount(it, fields)
  await promote(it, account)
  return account
}

/** A request under /api/v1/admin/users. */
export const ask = (
  [it, as]: [TestApp, Account | undefined],
  method: Method,
  path = '',
  body?: object,
) => send(it, { method, url: `${users}${path}`, ...(body && { payload: body }) }, as)

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What was written down about a user, the oldest first. */
export async function trailOf(it: TestApp, user: { id: string }) {
  return it.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'actor_id', 'details', 'target_id', 'request_id'])
    .where('user_id', '=', user.id)
    .orderBy('id')
    .execute()
}
