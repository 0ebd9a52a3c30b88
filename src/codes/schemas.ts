import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import {
  answer,
  done,
  Id,
  Nullable,
  Page,
  PageQuery,
  Strict,
  Timestamp,
  TimestampInput,
} from '../http/schemas.ts'

const Text = Type.String({ minLength: 4, maxLength: 32, examples: ['K7M2QX9D'] })
const url = Type.String({
  description: 'The share link.',
  examples: ['http://localhost:8000/r/K7M2QX9D'],
})
const EXAMPLE = {
  code: 'K7M2QX9D',
  expires_at: '2027-10-10T12:00:00.000Z',
  is_active: true,
}

export const Code = Type.Object(
  {
    id: Id,
    user_id: Id,
    code: Text,
    expires_at: Timestamp,
    is_active: Type.Boolean({ description: 'Not retired and not expired.' }),
    url,
    uses: Type.Integer({ minimum: 0, description: 'Registrations that came by this code.' }),
    created_at: Timestamp,
    retired_at: Nullable(Timestamp),
  },
  {
    $id: 'Code',
    examples: [
      {
        id: '01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d',
        user_id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
        ...EXAMPLE,
        url: 'http://localhost:8000/r/K7M2QX9D',
        uses: 0,
        created_at: '2026-11-21T09:30:00.000Z',
        retired_at: null,
      },
    ],
  },
)
export type Code = Static<typeof Code>

export const FoundCode = Type.Object(
  {
    id: Id,
    code: Text,
    expires_at: Timestamp,
    is_active: Type.Boolean({ examples: [true] }),
    url,
    created_at: Timestamp,
  },
  { $id: 'FoundCode', description: 'An active code without data of its owner.' },
)

export const CodeCheck = Type.Object(
  {
    code: Text,
    is_active: Type.Boolean(),
    expires_at: Timestamp,
    referrer_name: Nullable(
      Type.String({ description: "The referrer's username.", examples: ['ann'] }),
    ),
  },
  { $id: 'CodeCheck', examples: [{ ...EXAMPLE, referrer_name: 'ann' }] },
)

export const CodeAvailability = Type.Object(
  {
    code: Type.String({
      maxLength: 100,
      description: 'As it would be kept; as it was sent where it cannot be a code.',
    }),
    is_available: Type.Boolean(),
    reason: Nullable(
      Type.Unsafe<'validation_failed' | 'code_reserved' | 'code_taken'>({
        type: 'string',
        enum: ['validation_failed', 'code_reserved', 'code_taken'],
        description: 'The code of the error that creating it would be answered.',
      }),
    ),
  },
  {
    $id: 'CodeAvailability',
    examples: [{ code: 'ANN-2027', is_available: false, reason: 'code_taken' }],
  },
)

const Wanted = Type.String({
  format: 'code',
  maxLength: 64,
  description:
    'Your own text: 4 to 32 of A-Z, 0-9, dash and underscore, in any case. Left out, one of 8 letters is made.',
  examples: ['ANN-2027'],
})
const CreateBody = Strict(
  { expires_at: TimestampInput('When the code stops working.'), code: Type.Optional(Wanted) },
  {
    'x-examples': {
      made: { summary: 'A text is made', value: { expires_at: '2027-10-10T12:00:00Z' } },
      chosen: {
        summary: 'You choose the text',
        value: { expires_at: '2027-10-10T12:00:00Z', code: 'ANN-2027' },
      },
    },
  },
)
export const CodeParams = Strict({
  code: Type.String({
    maxLength: 100,
    description: "The code's text, in any case.",
    examples: ['K7M2QX9D'],
  }),
})
export const ExtendBody = Strict(
  { expires_at: TimestampInput('The new expiry.') },
  { examples: [{ expires_at: '2027-12-31T23:59:59+03:00' }] },
)
export const EXPIRY_ERRORS = ['expires_at_in_past', 'expires_at_too_far'] as const

export const createCode = operation({
  operationId: 'createCode',
  tags: ['Codes'],
  summary: 'Create a code',
  description: 'At most one active code a user. The text is never given to anyone again.',
  access: 'user',
  once: true,
  body: CreateBody,
  response: { 201: answer('The new code.', Code) },
  errors: ['active_code_exists', 'code_taken', 'code_reserved', ...EXPIRY_ERRORS],
})

export const replaceCode = operation({
  operationId: 'replaceCode',
  tags: ['Codes'],
  summary: 'Replace the active code',
  description: 'Retires the active code, if there is one, and creates the new one in one step.',
  access: 'user',
  body: CreateBody,
  response: { 201: answer('The new code.', Code) },
  errors: ['code_taken', 'code_reserved', ...EXPIRY_ERRORS],
})

export const getCode = operation({
  operationId: 'getCode',
  tags: ['Codes'],
  summary: 'My active code',
  description: 'The one code of yours that is neither retired nor expired.',
  etag: true,
  access: 'user',
  response: { 200: answer('The active code.', Code) },
  errors: ['code_not_found'],
})

export const extendCode = operation({
  operationId: 'extendCode',
  tags: ['Codes'],
  summary: 'Move the expiry of my active code',
  description: 'Later or sooner, but in the future. Referrals already made are not touched.',
  access: 'user',
  body: ExtendBody,
  response: { 200: answer('The code with its new expiry.', Code) },
  errors: ['code_not_found', ...EXPIRY_ERRORS],
})

export const retireActiveCode = operation({
  operationId: 'retireActiveCode',
  tags: ['Codes'],
  summary: 'Retire my active code',
  description: 'It stops working at once and for ever; its history stays.',
  access: 'user',
  response: { 204: done('The code is retired.') },
  errors: ['code_not_found'],
})

export const listCodes = operation({
  operationId: 'listCodes',
  tags: ['Codes'],
  summary: 'My codes',
  description: 'All of your codes, active or not, newest first.',
  access: 'user',
  querystring: PageQuery({}),
  response: { 200: answer('A page of codes.', Page('CodePage', Code)) },
  errors: [],
})

export const retireCode = operation({
  operationId: 'retireCode',
  tags: ['Codes'],
  summary: 'Retire a code',
  description: 'Retires one of your codes; an administrator may retire any.',
  access: 'user',
  params: CodeParams,
  response: { 204: done('The code is retired.') },
  errors: ['code_not_found'],
})

export const checkCode = operation({
  operationId: 'checkCode',
  tags: ['Codes'],
  summary: 'Check a code',
  description:
    'What the page that a friend lands on needs: whether the code works and who invites.',
  etag: true,
  access: 'public',
  params: CodeParams,
  response: { 200: answer('What there is to know about the code.', CodeCheck) },
  errors: ['code_not_found'],
})

export const getCodeAvailability = operation({
  operationId: 'getCodeAvailability',
  tags: ['Codes'],
  summary: 'Whether a text can be had',
  description:
    'For whoever is choosing the text of a code. What decides is the creation: somebody else may be quicker.',
  access: 'user',
  params: CodeParams,
  response: { 200: answer('Whether it is free, and if not, why.', CodeAvailability) },
  errors: [],
})

export const getCodeQr = operation({
  operationId: 'getCodeQr',
  tags: ['Codes'],
  summary: 'QR code of the share link',
  description: 'An SVG picture, or a PNG of 512 pixels with `?format=png`.',
  access: 'public',
  params: CodeParams,
  querystring: Strict({
    format: Type.Unsafe<'svg' | 'png'>({
      type: 'string',
      enum: ['svg', 'png'],
      default: 'svg',
      description: 'The kind of picture.',
    }),
  }),
  response: {
    200: {
      description: 'The picture.',
      content: {
        'image/svg+xml': {
          schema: Type.String({ examples: ['<svg xmlns="http://www.w3.org/2000/svg">…</svg>'] }),
        },
        'image/png': {
          schema: Type.Unsafe<Buffer>({ type: 'string', contentMediaType: 'image/png' }),
        },
      },
    },
  },
  errors: ['code_not_found'],
})

export const findCodeByEmail = operation({
  operationId: 'findCodeByEmail',
  tags: ['Codes'],
  summary: "A referrer's active code by e-mail address",
  description:
    'Open to everybody, to signed-in users, or switched off, as CODE_LOOKUP says. An unknown address and one ' +
    'without an active code are answered alike.',
  etag: true,
  access: 'optional',
  querystring: Strict({
    email: Type.String({
      format: 'email',
      maxLength: 320,
      description: "The referrer's e-mail address, in any case.",
      examples: ['ann@example.com'],
    }),
  }),
  response: { 200: answer('The active code.', FoundCode) },
  errors: ['code_not_found', 'unauthorized'],
})
