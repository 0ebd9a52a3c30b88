import * as oauth from 'oauth4webapi'
import { expect, test } from 'vitest'
import { createAccount, PASSWORD, startApp } from '../support/app.ts'
import { freePort } from '../support/network.ts'

// The journey of a client that somebody else wrote: it knows the issuer and the standards, nothing of us.
const port = await freePort()
const issuer = `http://127.0.0.1:${port}`
const it = await startApp({ PUBLIC_URL: issuer })
await it.app.listen({ port: Number(port), host: '127.0.0.1' })

const client: oauth.Client = { client_id: 'foreign-client' }
const options = { [oauth.allowInsecureRequests]: true }

async function discover(): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, { ...options, algorithm: 'oauth2' })
  return oauth.processDiscoveryResponse(url, response)
}
const server = await discover()

async function grantByPassword(username: string, password: string) {
  const parameters = { username, password, scope: 'user' }
  const response = await oauth.genericTokenEndpointRequest(
    server,
    client,
    oauth.None(),
    'password',
    parameters,
    options,
  )
  return oauth.processGenericTokenEndpointResponse(server, client, response)
}

async function grantByRefreshToken(token: string) {
  const auth = oauth.None()
  const response = await oauth.refreshTokenGrantRequest(server, client, auth, token, options)
  return oauth.processRefreshTokenResponse(server, client, response)
}

async function revoke(token: string) {
  const response = await oauth.revocationRequest(server, client, oauth.None(), token, options)
  return oauth.processRevocationResponse(response)
}

function validate(accessToken: string, audience = `${issuer}/api/v1`) {
  const headers = { authorization: `Bearer ${accessToken}` }
  const request = new Request(`${issuer}/api/v1/users/me`, { headers })
  return oauth.validateJwtAccessToken(server, request, audience, options)
}

test('the client finds every endpoint from the issuer alone', () => {
  expect(server).toMatchObject({
    issuer,
    token_endpoint: `${issuer}/api/v1/auth/token`,
    revocation_endpoint: `${issuer}/api/v1/auth/revoke`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: ['password', 'refresh_token'],
  })
})

test('the client signs in, checks the token by the published keys, refreshes and signs out', async () => {
  const ann = await createAccount(it)
  const granted = await grantByPassword(ann.email, PASSWORD)
  expect(granted).toMatchObject({ token_type: 'bearer', expires_in: 900, scope: 'user' })
  expect(await validate(granted.access_token)).toMatchObject({
    iss: issuer,
    sub: ann.id,
    client_id: 'foreign-client',
    scope: 'user',
  })

  const next = await grantByRefreshToken(granted.refresh_token!)
  expect(next.refresh_token).not.toBe(granted.refresh_token)
  await validate(next.access_token)
  const url = new URL(`${issuer}/api/v1/users/me`)
  const asking = () =>
    oauth.protectedResourceRequest(next.access_token, 'GET', url, undefined, undefined, options)
  expect(await (await asking()).json()).toMatchObject({ id: ann.id })

  await revoke(next.refresh_token!)
  await expect(grantByRefreshToken(next.refresh_token!)).rejects.toMatchObject({
    error: 'invalid_grant',
    status: 400,
  })
  await expect
    .poll(() => asking().catch((error: oauth.WWWAuthenticateChallengeError) => error))
    .toMatchObject({
      status: 401,
      cause: [{ scheme: 'bearer', parameters: { realm: 'invitree' } }],
    })
})

test('the client understands every refusal', async () => {
  const ann = await createAccount(it)
  await expect(grantByPassword(ann.email, 'not the password')).rejects.toMatchObject({
    error: 'invalid_grant',
    error_description: expect.any(String),
  })
  await expect(grantByRefreshToken('never.was.one')).rejects.toMatchObject({
    error: 'invalid_grant',
  })
  const asked = oauth.genericTokenEndpointRequest(
    server,
    client,
    oauth.None(),
    'client_credentials',
    {},
    options,
  )
  await expect(
    asked.then((response) => oauth.processGenericTokenEndpointResponse(server, client, response)),
  ).rejects.toMatchObject({ error: 'unsupported_grant_type', status: 400 })
  await revoke('never.was.one')
})

test('the client refuses a token that is meant for somebody else', async () => {
  const ann = await createAccount(it)
  await expect(validate(ann.access_token, 'https://elsewhere.example')).rejects.toMatchObject({
    code: oauth.JWT_CLAIM_COMPARISON,
  })
})
