import type { InjectOptions } from 'fastify'
import { beforeAll, expect, test } from 'vitest'
import document from '../../openapi.json' with { type: 'json' }
import { newId } from '../../src/lib/ids.ts'
import {
  type Account,
  createAccount,
  createCode,
  PASSWORD,
  post,
  send,
  startApp,
} from '../support/app.ts'
import { promote } from '../support/rows.ts'

/**
 * Who gets past the door of each operation, written down by hand and not read from the code: anybody, any
 * user for themselves, the owner of what is named (and administrators), or administrators alone.
 */
const DOORS: Record<string, 'anybody' | 'user' | 'owner' | 'administrator'> = {
  getHealth: 'anybody',
  getReadiness: 'anybody',
  getMetrics: 'anybody',
  getAuthorizationServer: 'anybody',
  getKeys: 'anybody',
  followLink: 'anybody',
  register: 'anybody',
  getSetup: 'anybody',
  setUp: 'anybody',
  verifyEmail: 'anybody',
  askPasswordReset: 'anybody',
  resetPassword: 'anybody',
  login: 'anybody',
  issueToken: 'anybody',
  revokeToken: 'anybody',
  openSession: 'anybody',
  refreshSession: 'anybody',
  closeSession: 'anybody',
  checkCode: 'anybody',
  getCodeQr: 'anybody',
  findCodeByEmail: 'anybody',

  getMe: 'user',
  updateMe: 'user',
  eraseMe: 'user',
  exportMe: 'user',
  resendVerification: 'user',
  listSecurityEvents: 'user',
  listSessions: 'user',
  endOtherSessions: 'user',
  changePassword: 'user',
  createCode: 'user',
  getCodeAvailability: 'user',
  replaceCode: 'user',
  getCode: 'user',
  extendCode: 'user',
  retireActiveCode: 'user',
  listCodes: 'user',

  endSession: 'owner',
  retireCode: 'owner',
  listReferrals: 'owner',
  exportReferrals: 'owner',
  getReferralCounts: 'owner',
  getReferralSummary: 'owner',
  explainReferral: 'owner',

  listUsers: 'administrator',
  inviteUser: 'administrator',
  getUser: 'administrator',
  changeUserRole: 'administrator',
  eraseUser: 'administrator',
  listUserSessions: 'administrator',
  endUserSessions: 'administrator',
  listUserAudit: 'administrator',
  blockUser: 'administrator',
  unblockUser: 'administrator',
  sendUserPasswordReset: 'administrator',
  listAudit: 'administrator',
  listAllCodes: 'administrator',
  extendAnyCode: 'administrator',
  retireAnyCode: 'administrator',
  exportAllReferrals: 'administrator',
  exportAllCodes: 'administrator',
  exportUsers: 'administrator',
  getOverview: 'administrator',
  confirmReferral: 'administrator',
  refuseReferral: 'administrator',
  listFailedJobs: 'administrator',
  retryJob: 'administrator',
  sendTestMail: 'administrator',
  listOutbox: 'administrator',
  getOutboxMail: 'administrator',
  listAllReferrals: 'administrator',
  listTreeRoots: 'administrator',
  getTreeNode: 'administrator',
  getSystem: 'administrator',
}

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, { example?: unknown; examples?: object }> }
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
    id: operation.operationId,
    method: method.toUpperCase() as 'GET',
    path,
    operation,
  })),
)
const behind = (door: string) => operations.filter(({ id }) => DOORS[id] === door)

const it = await startApp()
let ann: Account
let friend: Account
let code: string
let stranger: Account
let root: Account
let blocked: Account
let signedOut: Account

beforeAll(async () => {
  ann = await createAccount(it)
  code = await createCode(it, ann)
  friend = await createAccount(it, { referral_code: code })
  ;[stranger, root, blocked, signedOut] = [
    await createAccount(it),
    await createAccount(it),
    await createAccount(it),
    await createAccount(it),
  ]
  await promote(it, root)
  await post(it, `/api/v1/admin/users/${blocked.id}/block`, {}, root)
  await post(it, '/api/v1/auth/revoke', { token: signedOut.refresh_token })
})

// What is Ann's is named in the path; the body is the example of the document.
function ask({ id, method, path, operation }: (typeof operations)[number], missing = false) {
  const nobody = newId()
  const named: Record<string, string> = {
    user_id: missing ? nobody : ann.id,
    code: missing ? 'NOBODYS1' : code,
    id: missing ? nobody : id === 'explainReferral' ? friend.id : sessionOf(ann),
    name: 'none.eml',
  }
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name]!)
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  const [first] = Object.values(media?.examples ?? {}) as { value: unknown }[]
  const payload = media && (media.example ?? first?.value ?? {})
  const request: InjectOptions = { method, url }
  return payload ? { ...request, payload, headers: { 'content-type': type! } } : request
}

function sessionOf({ access_token }: Account): string {
  const [, claims] = access_token.split('.')
  return JSON.parse(Buffer.from(claims!, 'base64url').toString()).sid
}

const problem = async (request: InjectOptions, as?: Account) => {
  const response = await send(it, request, as)
  const told = /problem/.test(String(response.headers['content-type'])) ? response.json() : {}
  return { status: response.statusCode, code: told.code }
}

// What is said at a door that stays shut; a wrong password, say, is refused behind it.
const SHUT = ['unauthorized', 'invalid_token', 'admin_only']

test('every operation of the document has its door written down, and no other', () => {
  expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(DOORS).toSorted())
})

test('whoever is not signed in, no longer or blocked is asked to sign in', async () => {
  const closed = operations.filter(({ id }) => DOORS[id] !== 'anybody')
  for (const operation of closed) {
    const request = ask(operation)
    const anonymous = { status: 401, code: 'unauthorized' }
    expect(await problem(request), operation.id).toEqual(anonymous)
    const ended = { status: 401, code: 'invalid_token' }
    expect(await problem(request, blocked), `${operation.id} blocked`).toEqual(ended)
    expect(await problem(request, signedOut), `${operation.id} signed out`).toEqual(ended)
  }
})

test('anybody is let in where anybody may', async () => {
  for (const operation of behind('anybody')) {
    const { status, code } = await problem(ask(operation))
    expect(SHUT, `${operation.id} ${status}`).not.toContain(code)
  }
})

test('a user is let in where users may, and for administrators only they are', async () => {
  for (const operation of behind('user')) {
    const somebody = await createAccount(it)
    const { status, code } = await problem(ask(operation), somebody)
    expect(SHUT, `${operation.id} ${status}`).not.toContain(code)
  }
  for (const operation of behind('administrator')) {
    const refused = { status: 403, code: 'admin_only' }
    expect(await problem(ask(operation), stranger), operation.id).toEqual(refused)
  }
})

test('what is somebody else’s answers as what is not there', async () => {
  const told = async (request: InjectOptions) => {
    const response = await send(it, request, stranger)
    const { request_id: _, instance: __, ...rest } = response.json()
    return rest
  }
  for (const operation of behind('owner')) {
    const foreign = await told(ask(operation))
    expect(foreign, operation.id).toMatchObject({ status: 404 })
    expect(foreign, operation.id).toEqual(await told(ask(operation, true)))
  }
  const mine = await send(it, { method: 'GET', url: '/api/v1/referrals/code' }, ann)
  expect(mine.json()).toMatchObject({ code, is_active: true })
  const signIn = { email: ann.email, password: PASSWORD }
  expect((await post(it, '/api/v1/auth/login', signIn)).statusCode).toBe(200)
})

test('the owner and administrators are let in where others are not', async () => {
  for (const operation of behind('owner')) {
    const { status } = await problem(ask(operation), operation.id === 'endSession' ? root : ann)
    // Even an administrator signs out nobody by this way: there is one for them.
    expect(status, operation.id).toSatisfy((status: number) =>
      operation.id === 'endSession' ? status === 404 : status < 300,
    )
  }
  for (const operation of behind('administrator')) {
    const chief = await createAccount(it)
    await promote(it, chief)
    const { status, code } = await problem(ask(operation, true), chief)
    expect(SHUT, `${operation.id} ${status}`).not.toContain(code)
  }
})
