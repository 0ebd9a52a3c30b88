import { expect, test } from 'vitest'
import { createAccount, get, PASSWORD, post, send, startApp } from '../../test/support/app.ts'

const off = await startApp({ OAUTH_PASSWORD_GRANT: 'off' })
const on = await startApp()
const TOKEN = '/api/v1/auth/token'
const METADATA = '/.well-known/oauth-authorization-server'

test('OAUTH_PASSWORD_GRANT=off: the token endpoint knows no password grant, in any form', async () => {
  const { email } = await createAccount(off)
  const fields = { username: email, password: PASSWORD }
  const asForm = {
    method: 'POST' as const,
    url: TOKEN,
    payload: new URLSearchParams({ grant_type: 'password', ...fields }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Basic Og==' },
  }
  for (const answer of [
    await send(off, asForm),
    await post(off, TOKEN, { grant_type: 'password', ...fields }),
    await post(off, TOKEN, fields),
  ]) {
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      error: 'unsupported_grant_type',
      code: 'unsupported_grant_type',
    })
  }
  expect((await send(on, asForm)).json().error).toBe('invalid_grant')
})

test('signing in stays, and so does refreshing', async () => {
  const { refresh_token } = await createAccount(off)
  const refreshed = await post(off, TOKEN, { grant_type: 'refresh_token', refresh_token })
  expect(refreshed.statusCode).toBe(200)
})

test('the metadata list what is served', async () => {
  expect((await get(off, METADATA)).json().grant_types_supported).toEqual(['refresh_token'])
  expect((await get(on, METADATA)).json().grant_types_supported).toEqual([
    'password',
    'refresh_token',
  ])
})

test('Authorize of the documentation says how to sign in without the grant', async () => {
  const document = (await get(off, '/openapi.json')).json()
  expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer'])
  expect(document.components.securitySchemes.bearer.description).toContain('is switched off')
  expect(document.paths['/api/v1/users/me'].get.security).toEqual([{ bearer: [] }])
  const usual = (await get(on, '/openapi.json')).json()
  expect(Object.keys(usual.components.securitySchemes)).toEqual(['oauth2'])
})
