import { Type } from 'typebox'
import { Locale } from '../../accounts/schemas.ts'
import { AuditEventPage } from '../../audit/schemas.ts'
import { operation } from '../../http/operation.ts'
import { answer, done, LongPage, PageQuery, Strict, TimestampInput } from '../../http/schemas.ts'
import { AdminSession, AdminUser, AdminUserDetail, Role } from './shapes.ts'

const tags: ['Administration'] = ['Administration']
const params = Strict({
  user_id: Type.String({
    maxLength: 64,
    description: 'An id, or `me`.',
    examples: ['01936f40-11aa-7c2b-8d3e-5f6071829304'],
  }),
})

export const listUsers = operation({
  operationId: 'listUsers',
  tags,
  summary: 'Users',
  description: 'Everybody, newest first; erased people are there without a name.',
  access: 'admin',
  querystring: PageQuery({
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 254,
        description:
          'Part of an e-mail address or username (one or two letters: its beginning), or a whole id or code.',
        examples: ['bob'],
      }),
    ),
    role: Type.Optional(Type.Unsafe<'user' | 'admin'>({ ...Role, description: 'Of this role.' })),
    blocked: Type.Optional(Type.Boolean({ description: 'Blocked or not.', examples: [true] })),
    email_verified: Type.Optional(
      Type.Boolean({ description: 'With a confirmed address or without.', examples: [false] }),
    ),
    created_from: Type.Optional(TimestampInput('Registered not before this moment.')),
    created_to: Type.Optional(TimestampInput('Registered before this moment.')),
  }),
  response: { 200: answer('A page of users.', LongPage('AdminUserPage', AdminUser)) },
  errors: [],
})

export const getUser = operation({
  operationId: 'getUser',
  tags,
  summary: 'One user',
  description: 'Profile, counts, the active code, and by whom the user came.',
  access: 'admin',
  params,
  etag: true,
  response: { 200: answer('The user.', AdminUserDetail) },
  errors: ['user_not_found'],
})

export const changeRole = operation({
  operationId: 'changeUserRole',
  tags,
  summary: 'Change the role of a user',
  description: 'Holds at once for what the user changes, within 5 seconds for what they read.',
  access: 'admin',
  consumes: ['application/json', 'application/merge-patch+json'],
  params,
  body: Strict({ role: Role }, { examples: [{ role: 'admin' }] }),
  response: { 200: answer('The user as it is now.', AdminUserDetail) },
  errors: ['user_not_found', 'own_account'],
})

export const eraseUser = operation({
  operationId: 'eraseUser',
  tags,
  summary: 'Erase a user',
  description:
    'As users erase themselves: nothing personal is left, the counts of others stay true. Cannot be undone, and needs ' +
    'your own sign-in of the last 10 minutes.',
  access: 'admin',
  params,
  response: { 204: done('Nothing personal is left.') },
  errors: ['user_not_found', 'own_account', 'reauthentication_required'],
})

export const listUserSessions = operation({
  operationId: 'listUserSessions',
  tags,
  summary: 'Devices of a user',
  description: 'What is signed in as this user, newest first.',
  access: 'admin',
  params,
  response: {
    200: answer(
      'The sessions.',
      Type.Object(
        { items: Type.Array(AdminSession, { maxItems: 1000 }) },
        { $id: 'AdminSessions' },
      ),
    ),
  },
  errors: ['user_not_found'],
})

export const endUserSessions = operation({
  operationId: 'endUserSessions',
  tags,
  summary: 'Sign a user out everywhere',
  description: 'Ends every session of this user; the password stays.',
  access: 'admin',
  params,
  response: { 204: done('No device is signed in.') },
  errors: ['user_not_found'],
})

export const listUserAudit = operation({
  operationId: 'listUserAudit',
  tags,
  summary: 'What happened to a user',
  description: 'The audit trail of this account, newest first; of erased people too.',
  access: 'admin',
  params,
  querystring: PageQuery({}),
  response: { 200: answer('A page of events.', AuditEventPage) },
  errors: ['user_not_found'],
})

export const blockUser = operation({
  operationId: 'blockUser',
  tags,
  summary: 'Block a user',
  description:
    'Ends every session; nobody signs in. Until the block is lifted the code is answered as a retired one is, and ' +
    'nobody is credited to this user. Somebody who is blocked stays as they are.',
  access: 'admin',
  once: true,
  params,
  body: Strict(
    {
      reason: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 500,
          description:
            'For administrators only; deleted with the block, and never in the audit trail.',
          examples: ['Registers friends who do not exist.'],
        }),
      ),
    },
    { examples: [{ reason: 'Registers friends who do not exist.' }] },
  ),
  response: { 204: done('The user is blocked.') },
  errors: ['user_not_found', 'own_account'],
})

export const unblockUser = operation({
  operationId: 'unblockUser',
  tags,
  summary: 'Lift a block',
  description:
    'The user may sign in again; the code works again unless it has expired or was retired.',
  access: 'admin',
  once: true,
  params,
  response: { 204: done('The user is not blocked.') },
  errors: ['user_not_found'],
})

export const sendUserReset = operation({
  operationId: 'sendUserPasswordReset',
  tags,
  summary: 'Mail a user the link to set a new password',
  description: 'Nothing changes until the link is used, which works once, for 10 minutes.',
  access: 'admin',
  once: true,
  params,
  response: { 202: done('A mail is under way.') },
  errors: ['user_not_found', 'user_blocked'],
})

export const inviteUser = operation({
  operationId: 'inviteUser',
  tags,
  summary: 'Invite somebody',
  description:
    'Makes the account and mails a link to set its password, which works once, for 7 days. Who was invited and has not ' +
    'accepted yet is sent a new link; role and locale stay as they were at first.',
  access: 'admin',
  once: true,
  body: Strict(
    {
      email: Type.String({ format: 'email', maxLength: 320, examples: ['ann@example.com'] }),
      role: Type.Optional(Role),
      locale: Type.Optional(Locale),
    },
    { examples: [{ email: 'ann@example.com', role: 'admin', locale: 'en' }] },
  ),
  response: {
    200: answer('The user, who was invited before; a new mail is under way.', AdminUserDetail),
    201: answer('The new user; a mail is under way.', AdminUserDetail),
  },
  errors: ['email_taken', 'overloaded'],
})
