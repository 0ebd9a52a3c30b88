import { newId } from '../src/lib/ids.ts'

export interface Referrer {
  id: string
  email: string
  code: string
  headers: { authorization: string }
}

const PASSWORD = 'a bench needs a password'

/** Registers a referrer with a code and `friends` referrals, through the API alone. */
export async function prepareReferrer(address: string, friends: number): Promise<Referrer> {
  const post = async (path: string, body: object, headers = {}) => {
    const response = await fetch(`${address}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Record<string, string>
  }
  const email = `${newId()}@example.com`
  const { id = '' } = await post('/auth/register', {
    email,
    password: PASSWORD,
    username: `bench-${newId().slice(-8)}`,
  })
  const { access_token } = await post('/auth/login', { email, password: PASSWORD })
  const headers = { authorization: `Bearer ${access_token}` }
  const expires_at = new Date(Date.now() + 86_400_000).toISOString()
  const { code = '' } = await post('/referrals/code', { expires_at }, headers)
  for (let i = 0; i < friends; i++) {
    const friend = { email: `${newId()}@example.com`, password: PASSWORD, referral_code: code }
    await post('/auth/register', friend)
  }
  return { id, email, code, headers }
}
