import type { JWK } from 'jose'
import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { answer, done, Id, NewPassword, Strict, Timestamp } from '../http/schemas.ts'

const REFRESH_TOKEN = '01936f3e7c1a7b609d1c3f1f0a4b2c5d.0.bWFj'

export const Token = Type.Object(
  {
    access_token: Type.String({
      description: 'A JWT (RFC 9068), sent as `Authorization: Bearer …`.',
    }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Lifetime of the access token, seconds.' }),
    refresh_token: Type.String({ description: 'Good for one use; see POST /auth/token.' }),
    scope: Type.String(),
  },
  {
    $id: 'Token',
    examples: [
      {
        access_token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTkz….c2ln',
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: REFRESH_TOKEN,
        scope: 'user',
      },
    ],
  },
)
export type Token = Static<typeof Token>

export const Session = Type.Object(
  {
    id: Id,
    client_id: Type.String({ examples: ['portal'] }),
    user_agent: Type.String({ examples: ['curl/8.5.0'] }),
    created_at: Timestamp,
    used_at: Timestamp,
    expires_at: Timestamp,
    is_current: Type.Boolean({
      description: 'The session of this very request.',
      examples: [true],
    }),
  },
  { $id: 'Session' },
)

export const Login = Type.String({
  minLength: 1,
  maxLength: 320,
  description: 'E-mail address or username.',
  examples: ['ann@example.com'],
})
/** The bounds of a password on any way in; the rules for a new one are in `NewPassword`. */
export const GivenPassword = Type.String({
  minLength: 1,
  maxLength: 512,
  format: 'password',
  examples: ['correct horse battery'],
})

export const login = operation({
  operationId: 'login',
  tags: ['Authentication'],
  summary: 'Sign in',
  description:
    'Signs in with an e-mail address or a username. Takes JSON, or the form of the OAuth 2.0 password grant. Sets the ' +
    'cookie `invitree_device`, which opens nothing: a device that sends it has a budget of failed sign-ins of its ' +
    'own, so that the failures of others do not make it wait.',
  access: 'public',
  consumes: ['application/json', 'application/x-www-form-urlencoded'],
  body: Strict(
    {
      email: Type.Optional(Login),
      username: Type.Optional(Login),
      password: GivenPassword,
      grant_type: Type.Optional(Type.Literal('password')),
      scope: Type.Optional(Type.String({ maxLength: 200 })),
      client_id: Type.Optional(Type.String({ maxLength: 100 })),
      client_secret: Type.Optional(Type.String({ maxLength: 200 })),
    },
    {
      anyOf: [{ required: ['email'] }, { required: ['username'] }],
      'x-examples': {
        email: {
          summary: 'By e-mail address',
          value: { email: 'ann@example.com', password: 'correct horse battery' },
        },
        username: {
          summary: 'By username, as the OAuth 2.0 password grant does',
          value: { grant_type: 'password', username: 'ann', password: 'correct horse battery' },
        },
      },
    },
  ),
  response: { 200: answer('Signed in.', Token) },
  errors: ['invalid_credentials', 'email_not_verified', 'overloaded'],
})

const GRANT_FIELDS = {
  grant_type: Type.Optional(Type.String({ maxLength: 100, examples: ['password'] })),
  username: Type.Optional(Login),
  password: Type.Optional(GivenPassword),
  refresh_token: Type.Optional(Type.String({ maxLength: 200 })),
  scope: Type.Optional(Type.String({ maxLength: 200 })),
  client_id: Type.Optional(Type.String({ maxLength: 100 })),
  client_secret: Type.Optional(Type.String({ maxLength: 200 })),
}

export const token = operation({
  operationId: 'issueToken',
  tags: ['Authentication'],
  summary: 'OAuth 2.0 token endpoint',
  description:
    'RFC 6749: grant_type `password` (unless `OAUTH_PASSWORD_GRANT=off`) or `refresh_token`, form-encoded; JSON is ' +
    'accepted too. A refresh token is good for one use; a second use ends the session, but for a retry within 10 ' +
    'seconds.',
  access: 'public',
  oauth: true,
  consumes: ['application/x-www-form-urlencoded', 'application/json'],
  body: Type.Object(GRANT_FIELDS, {
    'x-examples': {
      password: {
        summary: 'Sign in',
        value: {
          grant_type: 'password',
          username: 'ann@example.com',
          password: 'correct horse battery',
        },
      },
      refresh_token: {
        summary: 'Refresh',
        value: { grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN },
      },
    },
  }),
  response: { 200: answer('The tokens.', Token) },
  errors: [
    'invalid_request',
    'invalid_grant',
    'unsupported_grant_type',
    'email_not_verified',
    'overloaded',
  ],
})

export const revoke = operation({
  operationId: 'revokeToken',
  tags: ['Authentication'],
  summary: 'Sign out',
  description:
    'RFC 7009: ends the session of a refresh or an access token. 200 whether or not the token was known.',
  access: 'public',
  oauth: true,
  consumes: ['application/x-www-form-urlencoded', 'application/json'],
  body: Type.Object(
    {
      token: Type.String({ minLength: 1, maxLength: 65_536 }),
      token_type_hint: Type.Optional(Type.String({ maxLength: 100 })),
      client_id: Type.Optional(Type.String({ maxLength: 100 })),
      client_secret: Type.Optional(Type.String({ maxLength: 200 })),
    },
    { examples: [{ token: REFRESH_TOKEN }] },
  ),
  response: { 200: done('The session has ended, if there was one.') },
  errors: [],
})

export const listSessions = operation({
  operationId: 'listSessions',
  tags: ['Authentication'],
  summary: 'Devices signed in',
  description: 'Your sessions that have not ended, newest first.',
  access: 'user',
  response: {
    200: answer(
      'The sessions.',
      Type.Object({ items: Type.Array(Session, { maxItems: 1000 }) }, { $id: 'Sessions' }),
    ),
  },
  errors: [],
})

export const endSession = operation({
  operationId: 'endSession',
  tags: ['Authentication'],
  summary: 'Sign out one device',
  description: 'Ends one of your sessions; its tokens stop working.',
  access: 'user',
  params: Strict({
    id: Type.String({
      maxLength: 64,
      description: 'The id of a session.',
      examples: ['01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d'],
    }),
  }),
  response: { 204: done('The session has ended.') },
  errors: ['session_not_found'],
})

export const endOtherSessions = operation({
  operationId: 'endOtherSessions',
  tags: ['Authentication'],
  summary: 'Sign out all other devices',
  description: 'Ends all of your sessions but this one.',
  access: 'user',
  response: { 204: done('The other sessions have ended.') },
  errors: [],
})

export const changePassword = operation({
  operationId: 'changePassword',
  tags: ['Authentication'],
  summary: 'Change the password',
  description: 'Needs the current password; all of your other sessions end.',
  access: 'user',
  once: true,
  body: Strict(
    { current_password: GivenPassword, new_password: NewPassword },
    {
      examples: [
        { current_password: 'correct horse battery', new_password: 'seven quiet lanterns' },
      ],
    },
  ),
  response: { 204: done('The password is changed.') },
  errors: ['wrong_password', 'weak_password', 'overloaded'],
})

const url = (path: string) =>
  Type.String({ format: 'uri', examples: [`http://localhost:8000${path}`] })
const texts = (...examples: string[]) =>
  Type.Array(Type.String(), { maxItems: 10, examples: [examples] })

export const metadata = operation({
  operationId: 'getAuthorizationServer',
  tags: ['Authentication'],
  summary: 'OAuth 2.0 metadata',
  description: 'RFC 8414: where a client finds the endpoints and what they support.',
  access: 'public',
  response: {
    200: answer(
      'The metadata.',
      Type.Object(
        {
          issuer: url(''),
          token_endpoint: url('/api/v1/auth/token'),
          revocation_endpoint: url('/api/v1/auth/revoke'),
          jwks_uri: url('/.well-known/jwks.json'),
          grant_types_supported: texts('password', 'refresh_token'),
          response_types_supported: texts(),
          token_endpoint_auth_methods_supported: texts('none'),
          revocation_endpoint_auth_methods_supported: texts('none'),
          scopes_supported: texts('user', 'admin'),
          service_documentation: url('/docs'),
        },
        { $id: 'AuthorizationServer' },
      ),
    ),
  },
  errors: [],
})

const member = (example: string) => Type.String({ examples: [example] })
const Jwk = Type.Unsafe<JWK>(
  Type.Object({
    kid: member('01936f3e-7c1a-7b60-9d1c-3f1f0a4b2c5d'),
    kty: member('EC'),
    crv: member('P-256'),
    alg: member('ES256'),
    use: member('sig'),
    x: member('f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'),
    y: member('x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'),
  }),
)

export const jwks = operation({
  operationId: 'getKeys',
  tags: ['Authentication'],
  summary: 'Keys of the access tokens',
  description: 'RFC 7517: the public halves of the next, the active and the retired keys.',
  access: 'public',
  response: {
    200: answer(
      'The keys.',
      Type.Object({ keys: Type.Array(Jwk, { maxItems: 100 }) }, { $id: 'Keys' }),
    ),
  },
  errors: [],
})
