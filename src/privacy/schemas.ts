import { Type } from 'typebox'
import { User } from '../accounts/schemas.ts'
import { SecurityEvent } from '../audit/schemas.ts'
import { operation } from '../http/operation.ts'
import { answer, done, Id, Nullable, Timestamp } from '../http/schemas.ts'
import { Status } from '../referrals/schemas.ts'

export type Purpose = 'verify' | 'reset' | 'invite'

/** The most entries of one list in an export. */
export const EXPORTED_MAX = 1000

const Text = Type.String()
const Moment = Nullable(Timestamp)
const total = Type.Integer({ minimum: 0, description: 'How many there are.' })
const newest = { maxItems: EXPORTED_MAX, description: 'The newest 1,000.' }
const { referred_by: _, ...profile } = User.properties

const EXAMPLE = {
  exported_at: '2026-11-21T10:00:00.000Z',
  profile: {
    id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60',
    email: 'bob@example.com',
    username: 'bob',
    name: null,
    avatar_url: null,
    company: null,
    role: 'user',
    email_verified: true,
    locale: 'en',
    created_at: '2026-11-21T09:35:00.000Z',
    email_verified_at: '2026-11-21T09:36:00.000Z',
    invited_at: null,
  },
  referral: {
    referrer_name: 'ann',
    code: 'K7M2QX9D',
    status: 'confirmed',
    created_at: '2026-11-21T09:35:00.000Z',
    confirmed_at: '2026-11-21T09:36:00.000Z',
  },
  codes: { total: 0, items: [] },
  referrals: { total: 0, items: [] },
  sessions: [
    {
      client_id: 'portal',
      user_agent: 'curl/8.5.0',
      created_at: '2026-11-21T09:35:10.000Z',
      used_at: '2026-11-21T09:35:10.000Z',
      expires_at: '2026-12-05T09:35:10.000Z',
      revoked_at: null,
    },
  ],
  links: [
    {
      purpose: 'verify',
      created_at: '2026-11-21T09:35:01.000Z',
      expires_at: '2026-11-22T09:35:01.000Z',
      used_at: '2026-11-21T09:36:00.000Z',
    },
  ],
  visits: {
    opened: [{ code: 'K7M2QX9D', at: '2026-11-19T18:02:11.000Z', won: true }],
    browsers: [{ signed_in_at: '2026-11-21T09:35:10.000Z' }],
  },
  security_events: [],
}

const Export = Type.Object(
  {
    exported_at: Timestamp,
    profile: Type.Object({ ...profile, email_verified_at: Moment, invited_at: Moment }),
    referral: Nullable(
      Type.Object(
        {
          referrer_name: Nullable(Type.String({ description: "The referrer's username." })),
          code: Text,
          status: Status,
          created_at: Timestamp,
          confirmed_at: Moment,
        },
        { description: 'By whose code you came, or null.' },
      ),
    ),
    codes: Type.Object(
      {
        total,
        items: Type.Array(
          Type.Object({
            id: Id,
            code: Text,
            url: Text,
            uses: Type.Integer({ minimum: 0 }),
            is_active: Type.Boolean(),
            created_at: Timestamp,
            expires_at: Timestamp,
            retired_at: Moment,
          }),
          newest,
        ),
      },
      { description: 'All of them: GET /api/v1/referrals/codes.' },
    ),
    referrals: Type.Object(
      {
        total,
        items: Type.Array(
          Type.Object({
            id: Id,
            email: Nullable(Text),
            username: Nullable(Text),
            code: Text,
            status: Status,
            created_at: Timestamp,
            confirmed_at: Moment,
          }),
          newest,
        ),
      },
      { description: 'Who came by your codes. All of them: GET /api/v1/users/me/referrals.' },
    ),
    security_events: Type.Array(SecurityEvent, {
      ...newest,
      description: 'What happened to your account. The newest 1,000.',
    }),
    sessions: Type.Array(
      Type.Object({
        client_id: Text,
        user_agent: Text,
        created_at: Timestamp,
        used_at: Timestamp,
        expires_at: Timestamp,
        revoked_at: Moment,
      }),
      newest,
    ),
    links: Type.Array(
      Type.Object({
        purpose: Type.Unsafe<Purpose>({ type: 'string', enum: ['verify', 'reset', 'invite'] }),
        created_at: Timestamp,
        expires_at: Timestamp,
        used_at: Moment,
      }),
      { ...newest, description: 'Links that were mailed to you. The newest 1,000.' },
    ),
    visits: Type.Object(
      {
        opened: Type.Array(Type.Object({ code: Text, at: Timestamp, won: Type.Boolean() }), {
          maxItems: 11,
        }),
        browsers: Type.Array(Type.Object({ signed_in_at: Timestamp }), { maxItems: 100 }),
      },
      {
        description:
          'Share links opened before you registered, and browsers that you sign in with.',
      },
    ),
  },
  { $id: 'Export', examples: [EXAMPLE] },
)

export const eraseMe = operation({
  operationId: 'eraseMe',
  tags: ['Accounts'],
  summary: 'Erase my account',
  description:
    'Cannot be undone, and needs a sign-in of the last 10 minutes. Your address, names, devices and kept answers are ' +
    'deleted, every session ends, your code is retired. That somebody registered by a code stays counted, and the ' +
    'texts of your codes stay taken. The address may register again, as somebody new.',
  access: 'user',
  response: { 204: done('Nothing personal is left.') },
  errors: ['reauthentication_required', 'last_admin'],
})

export const exportMe = operation({
  operationId: 'exportMe',
  tags: ['Accounts'],
  summary: 'Everything held about me',
  description:
    'A JSON file to keep: profile, codes, referrals, devices, mailed links and security events; of each list the ' +
    'newest 1,000.',
  access: 'user',
  response: { 200: answer('Everything held about you.', Export) },
  errors: [],
})
