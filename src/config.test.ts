import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n  ').slice(1)
  }
}

test('an address that nothing can be reached at is told by the name of its variable', () => {
  for (const name of ['PUBLIC_URL', 'LANDING_URL']) {
    for (const address of ['http://localhost:99999', 'https://[::1', 'http://999.1.1.1']) {
      const problem = `${name} must be an absolute http or https address`
      expect(problemsOf({ [name]: address }), address).toEqual([problem])
    }
    for (const address of ['http://localhost:65535', 'https://[::1]:8000/', 'https://join.рф']) {
      expect(problemsOf({ [name]: address }), address).toEqual([])
    }
  }
})

test('the first administrator of the configuration has an address, and a password of the length that is asked of all', () => {
  const first = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'correct horse battery' }
  expect(problemsOf({ ADMIN_EMAIL: 'root', ADMIN_PASSWORD: 'short' })).toEqual([
    expect.stringMatching(/^ADMIN_EMAIL must /),
    expect.stringMatching(/^ADMIN_PASSWORD must .*8 characters/),
  ])
  // Characters are counted as people do, not as a string's length is.
  for (const password of ['1234567', '😀'.repeat(7), 'x'.repeat(129)]) {
    expect(problemsOf({ ...first, ADMIN_PASSWORD: password }), password).toHaveLength(1)
  }
  for (const password of ['12345678', '😀'.repeat(8), '😀'.repeat(128)]) {
    expect(problemsOf({ ...first, ADMIN_PASSWORD: password }), password).toEqual([])
  }
})
