import { Type } from 'typebox'
import { type Action, AuditAction, AuditEventPage } from '../../audit/schemas.ts'
import { operation } from '../../http/operation.ts'
import { answer, PageQuery, TimestampInput } from '../../http/schemas.ts'

const PersonId = (description: string) =>
  Type.String({
    maxLength: 64,
    description,
    examples: ['01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60'],
  })

export const listAudit = operation({
  operationId: 'listAudit',
  tags: ['Administration'],
  summary: 'The audit trail',
  description:
    'Who did what to whom, newest first: what administrators changed, and what matters for the safety of accounts. ' +
    'Nothing in it can be changed.',
  access: 'admin',
  querystring: PageQuery({
    action: Type.Optional(Type.Unsafe<Action>({ ...AuditAction, description: 'What was done.' })),
    actor_id: Type.Optional(PersonId('Who did it: an id, or `me`.')),
    user_id: Type.Optional(PersonId('Whose account it concerns: an id, or `me`.')),
    from: Type.Optional(TimestampInput('Not before this moment.')),
    to: Type.Optional(TimestampInput('Before this moment.')),
  }),
  response: { 200: answer('A page of events.', AuditEventPage) },
  errors: [],
})
