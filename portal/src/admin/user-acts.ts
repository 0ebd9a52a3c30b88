import * as api from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { all, queryClient } from '../api/queries.ts'

export type Act =
  | 'block'
  | 'unblock'
  | 'endSessions'
  | 'sendReset'
  | 'makeAdmin'
  | 'makeUser'
  | 'erase'

const CONCERNED = [
  api.getUser,
  api.listUsers,
  api.listUserSessions,
  api.listUserAudit,
  api.listAudit,
  api.listAllCodes,
]

interface Given {
  user_id: string
  reason: string
  /** When it was asked for: sent twice it is done once, asked for twice it is done twice. */
  askedAt: number
}

/** Does it, and asks again for what has changed by it. */
export async function perform(act: Act, { user_id, reason, askedAt }: Given): Promise<void> {
  const path = { user_id }
  const options = { idempotencyKey: keyFor([act, user_id, reason, askedAt]) }
  const acts: Record<Act, () => Promise<unknown>> = {
    block: () => api.blockUser({ path, body: { ...(reason && { reason }) } }, options),
    unblock: () => api.unblockUser({ path }, options),
    endSessions: () => api.endUserSessions({ path }),
    sendReset: () => api.sendUserPasswordReset({ path }, options),
    makeAdmin: () => api.changeUserRole({ path, body: { role: 'admin' } }),
    makeUser: () => api.changeUserRole({ path, body: { role: 'user' } }),
    erase: () => api.eraseUser({ path }),
  }
  await acts[act]()
  await Promise.all(CONCERNED.map((one) => queryClient.invalidateQueries(all(one))))
}
