import { expect, test } from 'vitest'
import { createAccount, PASSWORD, post, send, startApp } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { startProxy } from '../support/proxy.ts'
import { waitFor } from '../support/wait.ts'

const url = await cloneDatabase()
const proxy = await startProxy(url)
// The jobs, which commit when they like, take another way.
const it = await startApp({ DATABASE_URL: proxy.url, DATABASE_DIRECT_URL: url })
const ann = await createAccount(it)

const CHANGES = [
  {
    what: 'a registration',
    status: 201,
    change: () =>
      post(it, '/api/v1/auth/register', { email: 'bob@example.com', password: PASSWORD }),
  },
  {
    what: 'a new username',
    status: 200,
    change: () =>
      send(it, { method: 'PATCH', url: '/api/v1/users/me', payload: { username: 'ann' } }, ann),
  },
  {
    what: 'a sign-in',
    status: 200,
    change: () => post(it, '/api/v1/auth/login', { email: ann.email, password: PASSWORD }),
  },
]

test.each(CHANGES)(
  '$what that was committed is not answered as one that was not, when the database goes right after',
  async ({ status, change }) => {
    proxy.refuseAfterCommit()
    const answer = await change()
    // A dead connection that the pool still has would be a failure before the next change.
    await waitFor(async () => it.ctx.database.pool().total === 0)
    proxy.pass()
    expect(answer.statusCode, answer.body).toBe(status)
  },
)

test('a refresh whose answer was lost on the way is of unknown outcome, and its repetition succeeds', async () => {
  const { refresh_token } = await createAccount(it)
  const refresh = () => {
    return post(it, '/api/v1/auth/token', { grant_type: 'refresh_token', refresh_token })
  }
  const bites = proxy.bites
  proxy.loseAnswers('UPDATE 1')
  expect((await refresh()).json()).toMatchObject({ code: 'outcome_unknown' })
  proxy.pass()
  expect(proxy.bites).toBeGreaterThan(bites)
  expect((await refresh()).statusCode).toBe(200)
})
