import { Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { answer, done, Id, Nullable, Strict, Timestamp } from '../http/schemas.ts'
import { Reason, Status } from '../referrals/schemas.ts'

const CodeParams = Strict({
  code: Type.String({ description: 'The text of a code, in any case.', examples: ['K7M2QX9D'] }),
})

export const followLink = operation({
  operationId: 'followLink',
  tags: ['Links'],
  summary: 'The share link',
  description:
    'Leads to the registration page: LANDING_URL, or `/join/{code}` of the portal. A code that does not work leads ' +
    'there too, with `state=expired`, `retired` or `unknown`. A visit by a person, once a day, is a click; HEAD, ' +
    'known bots and what a browser fetches ahead or embeds are not. Messengers that make a preview are answered a ' +
    'page with Open Graph data.',
  access: 'public',
  limited: false,
  params: CodeParams,
  response: {
    200: {
      description: 'The page that a preview is made of.',
      content: {
        'text/html': {
          schema: Type.String({ examples: ['<!doctype html><title>ann invited you</title>'] }),
        },
      },
    },
    303: done('To the registration page.'),
    503: done('To a browser that fetches ahead: it comes again when somebody opens the link.'),
  },
  errors: [],
})

const Rule = Type.Unsafe<'explicit_code' | 'first_touch'>({
  type: 'string',
  enum: ['explicit_code', 'first_touch'],
  description:
    '`explicit_code`: the registration named the code, which wins over every link; `first_touch`: it named none, and ' +
    'this was the first opened link, of the last 30 days, whose code still worked.',
  examples: ['explicit_code'],
})

const Explanation = Type.Object(
  {
    user_id: Id,
    code: Type.String(),
    rule: Rule,
    touches: Type.Array(
      Type.Object({
        code: Nullable(
          Type.String({
            description:
              'Null for the code of another referrer, which only administrators are told.',
          }),
        ),
        at: Timestamp,
        won: Type.Boolean(),
      }),
      {
        maxItems: 11,
        description: 'Links that the friend had opened, and a code that was typed, oldest first.',
      },
    ),
    status: Status,
    reason: Nullable(Reason),
    created_at: Timestamp,
    confirmed_at: Nullable(Timestamp),
    decided_at: Nullable(Timestamp),
  },
  {
    $id: 'Explanation',
    description: '`decided_at`: when an administrator confirmed or refused the referral, or null.',
    examples: [
      {
        user_id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
        code: 'K7M2QX9D',
        rule: 'first_touch',
        touches: [
          { code: 'K7M2QX9D', at: '2026-11-19T18:02:11.000Z', won: true },
          { code: null, at: '2026-11-20T07:45:30.000Z', won: false },
        ],
        status: 'confirmed',
        reason: null,
        created_at: '2026-11-21T09:35:00.000Z',
        confirmed_at: '2026-11-21T09:36:00.000Z',
        decided_at: null,
      },
    ],
  },
)

export const explainReferral = operation({
  operationId: 'explainReferral',
  tags: ['Links'],
  summary: 'Why this referrer was credited',
  description:
    'The links that the friend had opened, in order, which of them won, by which rule, and why the referral waits or ' +
    'was refused. For the referrer and administrators.',
  access: 'user',
  params: Strict({
    id: Type.String({
      maxLength: 64,
      description: 'The id of the referral, which is that of the referred user.',
      examples: ['01936f40-11aa-7c2b-8d3e-5f6071829304'],
    }),
  }),
  response: { 200: answer('The explanation.', Explanation) },
  errors: ['referral_not_found'],
})
