import { type Static, Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { answer, done, Strict } from '../http/schemas.ts'
import { GivenPassword, Login, Token } from './schemas.ts'

const { refresh_token: _, ...fields } = Token.properties

export const AccessToken = Type.Object(fields, {
  $id: 'AccessToken',
  examples: [
    {
      access_token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTkz….c2ln',
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'user',
    },
  ],
})
export type AccessToken = Static<typeof AccessToken>

const COOKIE =
  'For pages of this very address: the refresh token is a cookie that no script can read and that is sent to ' +
  'this path alone. Requests of other origins are refused.'

export const openSession = operation({
  operationId: 'openSession',
  tags: ['Authentication'],
  summary: 'Sign in from a browser',
  description: `Signs in with an e-mail address or a username. ${COOKIE}`,
  access: 'public',
  body: Strict(
    {
      email: Type.Optional(Login),
      username: Type.Optional(Login),
      password: GivenPassword,
    },
    {
      anyOf: [{ required: ['email'] }, { required: ['username'] }],
      examples: [{ email: 'ann@example.com', password: 'correct horse battery' }],
    },
  ),
  response: { 200: answer('Signed in; the cookie is set.', AccessToken) },
  errors: ['invalid_credentials', 'email_not_verified', 'foreign_origin', 'overloaded'],
})

export const refreshSession = operation({
  operationId: 'refreshSession',
  tags: ['Authentication'],
  summary: 'Stay signed in in a browser',
  description: `A new access token by the cookie, which is changed for its successor. ${COOKIE}`,
  access: 'public',
  response: { 200: answer('A new access token; the cookie is changed.', AccessToken) },
  errors: ['session_ended', 'foreign_origin'],
})

export const closeSession = operation({
  operationId: 'closeSession',
  tags: ['Authentication'],
  summary: 'Sign out in a browser',
  description: `Ends the session of the cookie, if there is one, and clears it. ${COOKIE}`,
  access: 'public',
  response: { 204: done('The session has ended.') },
  errors: ['foreign_origin'],
})
