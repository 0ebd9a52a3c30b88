import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { answer, Id, LongPage, Nullable, PageQuery, Timestamp } from '../http/schemas.ts'

/** What is written into the audit trail, by the noun that was changed. Never renamed: old rows stay. */
export const ACTIONS = [
  'user.blocked',
  'user.unblocked',
  'user.role_changed',
  'user.sessions_ended',
  'user.reset_sent',
  'user.erased',
  'user.invited',
  'code.retired',
  'code.extended',
  'referral.confirmed',
  'referral.refused',
  'job.retried',
  'list.exported',
  'mail.read',
  'account.password_changed',
  'account.password_reset',
  'account.invitation_accepted',
  'account.email_verified',
  'account.new_device',
  'account.session_ended',
] as const
export type Action = (typeof ACTIONS)[number]

/** What matters for the safety of an account: its owner sees it, whoever did it. */
export const SECURITY_ACTIONS = [
  'user.blocked',
  'user.unblocked',
  'user.role_changed',
  'user.sessions_ended',
  'user.reset_sent',
  'user.invited',
  'code.retired',
  'code.extended',
  'account.password_changed',
  'account.password_reset',
  'account.invitation_accepted',
  'account.email_verified',
  'account.new_device',
  'account.session_ended',
] as const satisfies readonly Action[]
export type SecurityAction = (typeof SECURITY_ACTIONS)[number]

/** Old and new values; never personal data, for these rows outlive the person. */
export type Details = Record<string, string | number | boolean | null>

const Detail = Type.Unsafe<Details>({
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  description: 'Old and new values, by action; ids and numbers, never personal data.',
  examples: [{ from: 'user', to: 'admin' }],
})
const TargetId = Nullable(
  Type.String({
    description: 'What was changed besides: the id of a code, a session or a job.',
    examples: ['01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d'],
  }),
)
const Somebody = (description: string) =>
  Nullable(
    Type.Object(
      {
        id: Id,
        name: Nullable(
          Type.String({
            description: 'Username or address as they are now; nobody erased has one.',
          }),
        ),
      },
      { description },
    ),
  )

export const AuditAction = Type.Unsafe<Action>({
  type: 'string',
  enum: [...ACTIONS],
  examples: ['user.blocked'],
})

export const AuditEvent = Type.Object(
  {
    id: Id,
    at: Timestamp,
    actor: Somebody('Who did it; null where nobody was signed in: by a mailed link, a command.'),
    user: Somebody('Whose account it concerns.'),
    action: AuditAction,
    target_id: TargetId,
    details: Detail,
    request_id: Type.String({
      description: 'Names the request in the log; of a command its name.',
      examples: ['01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5e'],
    }),
  },
  {
    $id: 'AuditEvent',
    examples: [
      {
        id: '01936f41-22bb-7c3d-9e4f-60718293a4b5',
        at: '2026-11-21T10:02:00.000Z',
        actor: { id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60', name: 'root' },
        user: { id: '01936f40-11aa-7c2b-8d3e-5f6071829304', name: 'bob' },
        action: 'user.role_changed',
        target_id: null,
        details: { from: 'user', to: 'admin' },
        request_id: '01936f41-22ba-7b1c-8a2d-3e4f50617283',
      },
    ],
  },
)

export const AuditEventPage = LongPage('AuditEventPage', AuditEvent)

export const SecurityEvent = Type.Object(
  {
    id: Id,
    at: Timestamp,
    action: Type.Unsafe<SecurityAction>({ type: 'string', enum: [...SECURITY_ACTIONS] }),
    by: Nullable(
      Type.Unsafe<'me' | 'administrator'>({
        type: 'string',
        enum: ['me', 'administrator'],
        description: 'Null where nobody was signed in, as by a mailed link.',
      }),
    ),
    device: Nullable(
      Type.String({ description: 'What signed in or was signed out.', examples: ['curl/8.5.0'] }),
    ),
    target_id: TargetId,
    details: Detail,
  },
  {
    $id: 'SecurityEvent',
    examples: [
      {
        id: '01936f41-22bb-7c3d-9e4f-60718293a4b5',
        at: '2026-11-21T10:02:00.000Z',
        action: 'account.new_device',
        by: 'me',
        device: 'curl/8.5.0',
        target_id: '01936f41-22ba-7b1c-8a2d-3e4f50617283',
        details: {},
      },
    ],
  },
)
export type SecurityEvent = Static<typeof SecurityEvent>

export const listSecurityEvents = operation({
  operationId: 'listSecurityEvents',
  tags: ['Accounts'],
  summary: 'My security events',
  description:
    'What happened to my account, newest first: new devices, sign-ins ended, the password, the address, and what an ' +
    'administrator did to it.',
  access: 'user',
  querystring: PageQuery({}),
  response: { 200: answer('A page of events.', LongPage('SecurityEventPage', SecurityEvent)) },
  errors: [],
})
