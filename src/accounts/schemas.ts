import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { answer, done, Id, NewPassword, Nullable, Strict, Timestamp } from '../http/schemas.ts'

const Locale = Type.Unsafe<'en' | 'ru'>({ type: 'string', enum: ['en', 'ru'], examples: ['en'] })
const Username = Type.String({
  format: 'username',
  maxLength: 64,
  description:
    '3 to 32 letters, digits, dots, dashes and underscores; compared case-insensitively.',
  examples: ['ann'],
})

const FOUND = 'Found by enrichment (`CLEARBIT_API_KEY`): text of others, shown as text only.'

export const User = Type.Object(
  {
    id: Id,
    email: Type.String({ examples: ['ann@example.com'] }),
    username: Nullable(Type.String({ examples: ['ann'] })),
    name: Nullable(Type.String({ maxLength: 100, description: FOUND, examples: ['Ann Lee'] })),
    avatar_url: Nullable(Type.String({ maxLength: 500, description: FOUND })),
    company: Nullable(Type.String({ maxLength: 100, description: FOUND })),
    role: Type.Unsafe<'user' | 'admin'>({ type: 'string', enum: ['user', 'admin'] }),
    email_verified: Type.Boolean(),
    locale: Locale,
    referred_by: Nullable(
      Type.Object(
        { name: Nullable(Type.String()), code: Type.String() },
        { description: "The referrer's public name and the code, or null." },
      ),
    ),
    created_at: Timestamp,
  },
  {
    $id: 'User',
    examples: [
      {
        id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
        email: 'bob@example.com',
        username: 'bob',
        name: null,
        avatar_url: null,
        company: null,
        role: 'user',
        email_verified: false,
        locale: 'en',
        referred_by: { name: 'ann', code: 'K7M2QX9D' },
        created_at: '2026-11-21T09:35:00.000Z',
      },
    ],
  },
)
export type User = Static<typeof User>

export const Registration = Strict(
  {
    email: Type.String({ format: 'email', maxLength: 320, examples: ['ann@example.com'] }),
    password: NewPassword,
    username: Type.Optional(Username),
    referral_code: Type.Optional(
      Type.String({
        maxLength: 100,
        description: "A friend's code, in any case.",
        examples: ['K7M2QX9D'],
      }),
    ),
    locale: Type.Optional(Locale),
  },
  {
    'x-examples': {
      invited: {
        summary: "With a friend's code",
        value: {
          email: 'bob@example.com',
          password: 'correct horse battery',
          referral_code: 'K7M2QX9D',
        },
      },
      alone: {
        summary: 'Without a code',
        value: { email: 'ann@example.com', password: 'correct horse battery', username: 'ann' },
      },
    },
  },
)
export type Registration = Static<typeof Registration>

export const register = operation({
  operationId: 'register',
  tags: ['Accounts'],
  summary: 'Register',
  description:
    'Creates an account. With a referral code the new user becomes a referral of its owner, in the same step: ' +
    'a code that is refused leaves no account.',
  access: 'public',
  once: true,
  body: Registration,
  response: { 201: answer('The new user.', User) },
  errors: [
    'email_taken',
    'username_taken',
    'weak_password',
    'email_undeliverable',
    'referral_code_unknown',
    'referral_code_expired',
    'referral_code_retired',
    'overloaded',
  ],
})

const LinkToken = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'What stands behind `#token=` in the link of the mail.',
  examples: ['01936f3e7c1a7b609d1c3f1f0a4b2c5d.bWFj'],
})

export const verifyEmail = operation({
  operationId: 'verifyEmail',
  tags: ['Accounts'],
  summary: 'Confirm the e-mail address',
  description:
    'By the token of the mailed link, which works once, for 24 hours. Confirms the referral too.',
  access: 'public',
  once: true,
  body: Strict({ token: LinkToken }),
  response: { 204: done('The address is confirmed.') },
  errors: ['link_expired'],
})

export const resendVerification = operation({
  operationId: 'resendVerification',
  tags: ['Accounts'],
  summary: 'Send the link again',
  description: 'Mails a new link to confirm the address; older links stop working.',
  access: 'user',
  once: true,
  response: { 202: done('A mail is under way, unless the address is confirmed already.') },
  errors: [],
})

export const askReset = operation({
  operationId: 'askPasswordReset',
  tags: ['Accounts'],
  summary: 'Forgotten password',
  description:
    'Mails a link to set a new password. The answer is the same whether or not the address is known, and nothing ' +
    'changes until the link is used.',
  access: 'public',
  once: true,
  body: Strict({
    email: Type.String({ format: 'email', maxLength: 320, examples: ['ann@example.com'] }),
  }),
  response: { 202: done('If there is such an account, a mail is under way.') },
  errors: [],
})

export const resetPassword = operation({
  operationId: 'resetPassword',
  tags: ['Accounts'],
  summary: 'Set a new password',
  description:
    'By the token of the mailed link, which works once, for 10 minutes. Every session ends.',
  access: 'public',
  once: true,
  body: Strict({ token: LinkToken, password: NewPassword }),
  response: { 204: done('The password is set; sign in with it.') },
  errors: ['link_expired', 'weak_password', 'overloaded'],
})

export const getMe = operation({
  operationId: 'getMe',
  tags: ['Accounts'],
  summary: 'My profile',
  description: 'The signed-in user.',
  etag: true,
  access: 'user',
  response: { 200: answer('The user.', User) },
  errors: [],
})

export const updateMe = operation({
  operationId: 'updateMe',
  tags: ['Accounts'],
  summary: 'Change my profile',
  description:
    'A JSON merge patch (RFC 7396): fields left out stay, `"username": null` removes the name.',
  access: 'user',
  consumes: ['application/json', 'application/merge-patch+json'],
  body: Strict(
    { username: Type.Optional(Nullable(Username)), locale: Type.Optional(Locale) },
    {
      'x-examples': {
        set: { summary: 'Set a username', value: { username: 'ann' } },
        remove: {
          summary: 'Remove it, and speak Russian',
          value: { username: null, locale: 'ru' },
        },
      },
    },
  ),
  response: { 200: answer('The user as it is now.', User) },
  errors: ['username_taken'],
})
