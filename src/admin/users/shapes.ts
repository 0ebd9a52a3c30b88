import { Type } from 'typebox'
import { Locale, User } from '../../accounts/schemas.ts'
import { Session } from '../../auth/schemas.ts'
import { Id, Nullable, Timestamp } from '../../http/schemas.ts'

export const Role = Type.Unsafe<'user' | 'admin'>({
  type: 'string',
  enum: ['user', 'admin'],
  examples: ['admin'],
})
const Count = (description: string) => Type.Integer({ minimum: 0, description, examples: [3] })
const Moment = (description: string) =>
  Nullable(Type.Unsafe<Date | string>({ ...Timestamp, description }))

const listed = {
  id: Id,
  email: Nullable(Type.String({ examples: ['bob@example.com'] })),
  username: Nullable(Type.String({ examples: ['bob'] })),
  role: Role,
  email_verified: Type.Boolean({ examples: [true] }),
  invited_at: Moment('When an administrator invited this person.'),
  blocked_at: Moment('Since when the user is blocked.'),
  erased_at: Moment('When the person was erased; nothing personal is left.'),
  created_at: Timestamp,
  active_code: Nullable(
    Type.Object(
      { code: Type.String({ examples: ['K7M2QX9D'] }), expires_at: Timestamp },
      {
        description:
          'The code that is neither retired nor expired; of a blocked user it does not work.',
      },
    ),
  ),
  referrals: Count('Who registered with the codes of this user.'),
}

const LISTED = {
  id: '01936f40-11aa-7c2b-8d3e-5f6071829304',
  email: 'bob@example.com',
  username: 'bob',
  role: 'user',
  email_verified: true,
  invited_at: null,
  blocked_at: null,
  erased_at: null,
  created_at: '2026-11-21T09:35:00.000Z',
  active_code: { code: 'B0BC0DE7', expires_at: '2027-10-10T12:00:00.000Z' },
  referrals: 3,
}

/** A user as the administrator's list shows it. */
export const AdminUser = Type.Object(listed, { $id: 'AdminUser', examples: [LISTED] })

/** A user with the profile, the counts and by whom they came. */
export const AdminUserDetail = Type.Object(
  {
    ...listed,
    locale: Locale,
    name: User.properties.name,
    avatar_url: User.properties.avatar_url,
    company: User.properties.company,
    email_verified_at: Moment('When the address was confirmed.'),
    blocked_reason: Nullable(Type.String({ description: 'Why, as the administrator wrote it.' })),
    referrals_confirmed: Count('How many of the referrals have confirmed their address.'),
    codes: Count('Codes, retired and expired ones too.'),
    sessions: Count('Devices that are signed in.'),
    last_sign_in_at: Moment('When the newest session began.'),
    referrers: Type.Array(
      Type.Object({
        id: Id,
        name: Nullable(Type.String({ description: 'The public name.' })),
        code: Type.String({ description: 'The code by which the one before came.' }),
      }),
      {
        maxItems: 1000,
        description:
          'By whom the user came, by whom that one came, and so on to the first of them.',
      },
    ),
  },
  {
    $id: 'AdminUserDetail',
    examples: [
      {
        ...LISTED,
        locale: 'en',
        name: null,
        avatar_url: null,
        company: null,
        email_verified_at: '2026-11-21T09:36:00.000Z',
        blocked_reason: null,
        referrals_confirmed: 1,
        codes: 1,
        sessions: 2,
        last_sign_in_at: '2026-11-21T09:37:00.000Z',
        referrers: [{ id: '01936f3e-0d4f-7aa1-8f0e-1b2c3d4e5f60', name: 'ann', code: 'K7M2QX9D' }],
      },
    ],
  },
)

const { is_current: _, ...session } = Session.properties
/** A session without the word about this very request: it is somebody else's. */
export const AdminSession = Type.Object(session, { $id: 'AdminSession' })
