import { newId } from '../src/lib/ids.ts'
import { httpLoad, type Load } from './load.ts'
import type { Program } from './programs.ts'
import { inADay, newPerson, PASSWORD, type Person, type Referrer } from './referrer.ts'

export const API = '/api/v1'
const CHANGERS = 16

const asJson = { method: 'POST' as const, headers: { 'content-type': 'application/json' } }

/** Registers people, eight at once, each by the code that is given for it. */
export const registering = (service: Program, code: () => string): Load =>
  httpLoad(service, {
    url: `${service.address}${API}/auth/register`,
    connections: 8,
    requests: [
      {
        ...asJson,
        setupRequest: (request: object) => ({
          ...request,
          body: JSON.stringify({
            email: `${newId()}@example.com`,
            password: PASSWORD,
            referral_code: code(),
          }),
        }),
      },
    ],
  })

/** The request by which somebody signs in. */
export const signingIn = (service: Program, { email }: Referrer) => ({
  url: `${service.address}${API}/auth/login`,
  requests: [{ ...asJson, body: JSON.stringify({ email, password: PASSWORD }) }],
})

/** Those who create codes and retire them: each connection is somebody of its own. */
export const newChangers = (service: Program): Promise<Person[]> =>
  several(CHANGERS, () => newPerson(service.address))

/** Creates a code and retires it in turn, on each connection as the one whom the headers name. */
export function changing(program: Program, who: (nth: number) => Record<string, string>): Load {
  const path = `${API}/referrals/code`
  const body = JSON.stringify(inADay())
  let nth = 0
  return httpLoad(program, {
    url: program.address,
    connections: CHANGERS,
    spoilt: 2 * CHANGERS,
    setupClient: (client) => {
      const headers = { 'content-type': 'application/json', ...who(nth++ % CHANGERS) }
      client.setRequests([
        { method: 'POST', path, body, headers },
        { method: 'DELETE', path, headers },
      ])
    },
  })
}

/** As many as are asked for, four at a time. */
export async function several<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = []
  while (made.length < count) made.push(...(await Promise.all([make(), make(), make(), make()])))
  return made
}
