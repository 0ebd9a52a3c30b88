import { describe, expect, test } from 'vitest'
import {
  type Account,
  createAccount,
  createCode,
  get,
  inHours,
  send,
  startApp,
  type TestApp,
} from '../../test/support/app.ts'
import { hasRedisServer, startRedis } from '../../test/support/redis.ts'
import { insertCode, insertUsers } from '../../test/support/rows.ts'
import { waitFor } from '../../test/support/wait.ts'

const mine = '/api/v1/referrals/code'
const isActive = async (it: TestApp, code: string) =>
  (await get(it, `/api/v1/referrals/codes/${code}`)).json().is_active as boolean | undefined
const findCode = async (it: TestApp, { email }: { email: string | null }) =>
  (await get(it, `/api/v1/referrals/code-by-email?email=${email}`)).json().code as string
const change = (it: TestApp, method: 'PUT' | 'PATCH' | 'DELETE', as: Account) => {
  const payload = method !== 'DELETE' && { payload: { expires_at: inHours(48) } }
  return send(it, { method, url: mine, ...payload }, as)
}

/** Looks until both look-ups come from the cache: a new account's tombstones need not concern them. */
function lookTwice(it: TestApp, code: string, owner: { email: string | null }) {
  const look = async () => [await isActive(it, code), await findCode(it, owner)]
  return waitFor(async () => {
    const loaded = await look()
    const { hits } = it.ctx.cache.stats()
    expect(await look()).toEqual(loaded)
    return it.ctx.cache.stats().hits === hits + 2 && loaded
  })
}

describe('in this process or on Redis', async () => {
  const it = await startApp()

  test('a code is looked up twice and loaded once', async () => {
    const [ann] = await insertUsers(it, 1)
    const { code } = await insertCode(it, ann!)
    expect(await lookTwice(it, code, ann!)).toEqual([true, code])
  })

  test('a cached code is not served after it was retired', async () => {
    const ann = await createAccount(it)
    const { code } = await insertCode(it, ann)
    await lookTwice(it, code, ann)
    expect((await change(it, 'DELETE', ann)).statusCode).toBe(204)
    expect(await isActive(it, code)).toBe(false)
    expect(await findCode(it, ann)).toBe('code_not_found')
  })

  test('a cached code is not served after it was replaced, the new one is found at once', async () => {
    const ann = await createAccount(it)
    const { code } = await insertCode(it, ann)
    await lookTwice(it, code, ann)
    const next = (await change(it, 'PUT', ann)).json().code as string
    expect(await isActive(it, code)).toBe(false)
    expect(await isActive(it, next)).toBe(true)
    expect(await findCode(it, ann)).toBe(next)
  })

  test('a moved expiry shows at once', async () => {
    const ann = await createAccount(it)
    const { code } = await insertCode(it, ann, new Date(Date.now() + 3_600_000))
    await lookTwice(it, code, ann)
    const { expires_at } = (await change(it, 'PATCH', ann)).json()
    const checked = (await get(it, `/api/v1/referrals/codes/${code}`)).json()
    expect(checked.expires_at).toBe(expires_at)
  })

  test('a code is found at once after both look-ups had cached that there is none', async () => {
    const ann = await createAccount(it)
    await lookTwice(it, 'BRAND-NEW', ann)
    const code = await createCode(it, ann, { code: 'brand-new' })
    expect(await isActive(it, code)).toBe(true)
    expect(await findCode(it, ann)).toBe(code)
  })

  test('a code that expires while it is cached is inactive from that moment', async () => {
    const [ann] = await insertUsers(it, 1)
    const { code, expires_at } = await insertCode(it, ann!)
    const { clock } = it.ctx
    const { now } = clock
    clock.now = () => expires_at.getTime() - 1
    expect(await lookTwice(it, code, ann!)).toEqual([true, code])
    clock.now = () => expires_at.getTime()
    expect(await isActive(it, code)).toBe(false)
    expect(await findCode(it, ann!)).toBe('code_not_found')
    clock.now = now
  })

  test('the database’s clock decides on what is cached, not that of this machine', async () => {
    const [ann] = await insertUsers(it, 1)
    const { code } = await insertCode(it, ann!)
    await lookTwice(it, code, ann!)
    const { clock } = it.ctx
    const { now } = clock
    clock.now = () => now() + 25 * 3_600_000
    expect([await isActive(it, code), await findCode(it, ann!)]).toEqual([false, 'code_not_found'])
    clock.now = now
  })

  test('what is cached names no address', async () => {
    const [ann] = await insertUsers(it, 1)
    const keys: string[] = []
    const { read } = it.ctx.cache
    it.ctx.cache.read = (key, load) => {
      keys.push(key)
      return read(key, load)
    }
    await findCode(it, ann!)
    it.ctx.cache.read = read
    expect(keys).toEqual([expect.stringMatching(/^email:[\w-]{43}$/)])
  })
})

test.skipIf(!hasRedisServer)(
  'codes are created, found and retired while Redis is away',
  async () => {
    const redis = await startRedis()
    const it = await startApp({ REDIS_URL: redis.url })
    const ann = await createAccount(it)
    const { code } = await insertCode(it, ann)
    await lookTwice(it, code, ann)
    redis.process.kill('SIGKILL')

    const next = await change(it, 'PUT', ann)
    expect(next.statusCode).toBe(201)
    expect(await findCode(it, ann)).toBe(next.json().code)
    expect(await isActive(it, code)).toBe(false)
    expect((await change(it, 'DELETE', ann)).statusCode).toBe(204)
    expect(await findCode(it, ann)).toBe('code_not_found')
    await createCode(it, ann)
    await startRedis(new URL(redis.url).port)
    expect(await isActive(it, code)).toBe(false)
  },
)
