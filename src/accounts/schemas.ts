import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { answer, Id, NewPassword, Nullable, Strict, Timestamp } from '../http/schemas.ts'

export const Locale = Type.Unsafe<'en' | 'ru'>({
  type: 'string',
  enum: ['en', 'ru'],
  examples: ['en'],
})
const Username = Type.String({
  format: 'username',
  maxLength: 64,
  description:
    '3 to 32 letters, digits, dots, dashes and underscores; compared case-insensitively.',
  examples: ['ann'],
})

export const NAME_MAX = 100
export const AVATAR_URL_MAX = 500

const FOUND =
  'Set by the user, else found by enrichment (`CLEARBIT_API_KEY`): text of others, shown as text only.'

export const User = Type.Object(
  {
    id: Id,
    email: Type.String({ examples: ['ann@example.com'] }),
    username: Nullable(Type.String({ examples: ['ann'] })),
    name: Nullable(Type.String({ maxLength: NAME_MAX, description: FOUND, examples: ['Ann Lee'] })),
    avatar_url: Nullable(Type.String({ maxLength: AVATAR_URL_MAX, description: FOUND })),
    company: Nullable(Type.String({ maxLength: NAME_MAX, description: FOUND })),
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

export const getSetup = operation({
  operationId: 'getSetup',
  tags: ['Accounts'],
  summary: 'Whether the first administrator is missing',
  description:
    'While there is no administrator, the service prints a link at its start that makes the first one.',
  access: 'public',
  response: {
    200: answer(
      'Whether it is.',
      Type.Object({ needed: Type.Boolean({ examples: [false] }) }, { $id: 'Setup' }),
    ),
  },
  errors: [],
})

export const setUp = operation({
  operationId: 'setUp',
  tags: ['Accounts'],
  summary: 'Make the first administrator',
  description:
    'By the token of the link that the service printed at its start; once there is an administrator, never again.',
  access: 'public',
  once: true,
  body: Strict({
    token: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'What stands behind `#token=` in the printed link.',
      examples: ['Zm9yIHRoZSBmaXJzdCBhZG1pbmlzdHJhdG9yIG9ubHk'],
    }),
    email: Type.String({ format: 'email', maxLength: 320, examples: ['admin@example.com'] }),
    password: NewPassword,
  }),
  response: { 201: answer('The administrator, who may sign in now.', User) },
  errors: ['setup_done', 'setup_token_wrong', 'email_taken', 'weak_password', 'overloaded'],
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

const ProfilePatch = Strict(
  {
    username: Type.Optional(Nullable(Username)),
    locale: Type.Optional(Locale),
    name: Type.Optional(Nullable(Type.String({ maxLength: NAME_MAX, examples: ['Ann Lee'] }))),
    avatar_url: Type.Optional(
      Nullable(
        Type.String({
          pattern: '^[Hh][Tt][Tt][Pp][Ss]://[^\\s]+$',
          maxLength: AVATAR_URL_MAX,
          description: 'An https address of a picture.',
          examples: ['https://images.example/ann.png'],
        }),
      ),
    ),
    company: Type.Optional(
      Nullable(Type.String({ maxLength: NAME_MAX, examples: ['Lee & Sons'] })),
    ),
  },
  {
    'x-examples': {
      set: { summary: 'Set names', value: { username: 'ann', name: 'Ann Lee' } },
      remove: {
        summary: 'Remove the username, and speak Russian',
        value: { username: null, locale: 'ru' },
      },
    },
  },
)
export type ProfilePatch = Static<typeof ProfilePatch>

export const updateMe = operation({
  operationId: 'updateMe',
  tags: ['Accounts'],
  summary: 'Change my profile',
  description:
    'A JSON merge patch (RFC 7396): fields left out stay, null removes one. What is set or removed here is not filled ' +
    'in by enrichment any more.',
  access: 'user',
  consumes: ['application/json', 'application/merge-patch+json'],
  body: ProfilePatch,
  response: { 200: answer('The user as it is now.', User) },
  errors: ['username_taken'],
})
