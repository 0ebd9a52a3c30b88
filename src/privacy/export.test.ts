import { expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../test/support/app.ts'
import { insertReferrals } from '../../test/support/rows.ts'

const it = await startApp()
const me = '/api/v1/users/me'

test('an export tells everything held about me, as a file', async () => {
  const ann = await createAccount(it, { username: 'inviter' })
  const referral_code = await createCode(it, ann)
  const bob = await createAccount(it, { referral_code, username: 'exporter' })
  const mine = await createCode(it, bob)
  await insertReferrals(it, mine, [{ email: 'friend@example.com', username: 'friend' }])
  const exported = await get(it, `${me}/export`, bob)
  expect(exported.headers).toMatchObject({
    'content-disposition': 'attachment; filename="invitree-export.json"',
    'cache-control': 'no-store',
  })
  expect(exported.json()).toMatchObject({
    profile: { id: bob.id, email: bob.email, username: 'exporter', email_verified_at: null },
    referral: { referrer_name: 'inviter', code: referral_code, status: 'pending' },
    codes: { total: 1, items: [{ code: mine, uses: 1, is_active: true }] },
    referrals: { total: 1, items: [{ email: 'friend@example.com', username: 'friend' }] },
    sessions: [{ client_id: 'invitree', revoked_at: null }],
  })
  expect(exported.body).not.toContain(ann.email)
  expect(exported.body).not.toMatch(/password|\$argon2|refresh_token|email_key/)
})

test('an export of many has the newest thousand and says how many there are', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const ids = await insertReferrals(
    it,
    code,
    Array.from({ length: 1001 }, () => ({})),
  )
  const { referrals } = (await get(it, `${me}/export`, ann)).json()
  expect(referrals.total).toBe(1001)
  expect(referrals.items).toHaveLength(1000)
  expect(referrals.items[0].id).toBe(ids.at(-1))
})

test('where addresses are masked in the list they are masked in the export', async () => {
  const masked = await startApp({ REFERRAL_EMAILS: 'masked' })
  const ann = await createAccount(masked)
  const code = await createCode(masked, ann)
  await insertReferrals(masked, code, [{ email: 'shy@example.com' }])
  const exported = await get(masked, `${me}/export`, ann)
  expect(exported.json().referrals.total).toBe(1)
  expect(exported.body).not.toContain('shy@example.com')
})
