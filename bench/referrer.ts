import { newId } from '../src/lib/ids.ts'

export const PASSWORD = 'a bench needs a password'

export interface Person {
  id: string
  email: string
  headers: { authorization: string }
}

export interface Referrer extends Person {
  code: string
}

/** Registers somebody and signs in, through the API alone. */
export async function newPerson(address: string): Promise<Person> {
  const email = `${newId()}@example.com`
  const { id = '' } = await post(address, '/auth/register', {
    email,
    password: PASSWORD,
    username: `bench-${newId().slice(-8)}`,
  })
  return { id, email, ...(await signIn(address, email)) }
}

/** Signs in somebody whose password is the one of all here. */
export async function signIn(address: string, email: string): Promise<Pick<Person, 'headers'>> {
  const { access_token } = await post(address, '/auth/login', { email, password: PASSWORD })
  return { headers: { authorization: `Bearer ${access_token}` } }
}

/** Somebody with a code and as many referrals. */
export async function prepareReferrer(address: string, friends: number): Promise<Referrer> {
  const referrer = await newReferrer(address)
  const join = () =>
    post(address, '/auth/register', {
      email: `${newId()}@example.com`,
      password: PASSWORD,
      referral_code: referrer.code,
    })
  for (let i = 0; i < friends; i += 5) await Promise.all(Array.from({ length: 5 }, join))
  return referrer
}

/** Somebody with a code. */
export async function newReferrer(address: string): Promise<Referrer> {
  const person = await newPerson(address)
  const { code = '' } = await post(address, '/referrals/code', inADay(), person.headers)
  return { ...person, code }
}

/** The body of a new code. */
export const inADay = () => ({ expires_at: new Date(Date.now() + 86_400_000).toISOString() })

async function post(address: string, path: string, body: object, headers = {}) {
  const response = await fetch(`${address}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Record<string, string>
}
