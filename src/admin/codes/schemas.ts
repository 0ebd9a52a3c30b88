import { type Static, Type } from 'typebox'
import { Code, CodeParams, EXPIRY_ERRORS, ExtendBody } from '../../codes/schemas.ts'
import { operation } from '../../http/operation.ts'
import { answer, done, LongPage, PageQuery } from '../../http/schemas.ts'
import { Person } from '../schemas.ts'

const CodeState = Type.Unsafe<'active' | 'expiring' | 'expired' | 'retired'>({
  type: 'string',
  enum: ['active', 'expiring', 'expired', 'retired'],
  description: '`expiring`: active, but over within 7 days. `retired`: ended before its expiry.',
  examples: ['active'],
})
export type CodeState = Static<typeof CodeState>

export const AdminCode = Type.Object(
  { ...Code.properties, state: CodeState, owner: Person },
  {
    $id: 'AdminCode',
    description: 'A code with whose it is.',
    examples: [
      {
        id: '01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d',
        user_id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
        code: 'K7M2QX9D',
        expires_at: '2027-10-10T12:00:00.000Z',
        is_active: true,
        url: 'http://localhost:8000/r/K7M2QX9D',
        uses: 3,
        created_at: '2026-11-21T09:30:00.000Z',
        retired_at: null,
        state: 'active',
        owner: {
          id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
          email: 'ann@example.com',
          username: 'ann',
        },
      },
    ],
  },
)

export const listAllCodes = operation({
  operationId: 'listAllCodes',
  tags: ['Administration'],
  summary: 'Codes of everybody',
  description: 'All codes, the newest first. `active` finds those that are expiring too.',
  access: 'admin',
  querystring: PageQuery({
    state: Type.Optional(CodeState),
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: "Part of the code's text or of its owner's e-mail address, or the owner's id.",
        examples: ['ann'],
      }),
    ),
  }),
  response: { 200: answer('A page of codes.', LongPage('AdminCodePage', AdminCode)) },
  errors: [],
})

export const extendAnyCode = operation({
  operationId: 'extendAnyCode',
  tags: ['Administration'],
  summary: 'Move the expiry of a code',
  description:
    'Of an active code, later or sooner, but in the future. The audit trail says who did it.',
  access: 'admin',
  params: CodeParams,
  body: ExtendBody,
  response: { 200: answer('The code with its new expiry.', Code) },
  errors: ['code_not_found', ...EXPIRY_ERRORS],
})

export const retireAnyCode = operation({
  operationId: 'retireAnyCode',
  tags: ['Administration'],
  summary: 'Retire a code of anybody',
  description:
    'An active code stops working at once and for ever; its history stays. The audit trail says who did it.',
  access: 'admin',
  params: CodeParams,
  response: { 204: done('The code is retired.') },
  errors: ['code_not_found'],
})
