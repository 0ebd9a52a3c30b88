import { type Static, type TSchema, Type } from 'typebox'
import { httpsUrl, plainText } from '../lib/plain-text.ts'
import { createRemote, type RemoteHealth, type RemoteOptions } from './remote.ts'

const Nullish = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const Named = Type.Object({ name: Nullish(Type.String()) })

// The combined look-up of a person and of the company behind the address's domain.
const Combined = Type.Object({
  person: Nullish(
    Type.Object({
      name: Nullish(Type.Object({ fullName: Nullish(Type.String()) })),
      avatar: Nullish(Type.String()),
      employment: Nullish(Named),
    }),
  ),
  company: Nullish(Named),
})

// Queued; nobody known by the address; an address that Clearbit cannot read.
const EXPECTED = [202, 404, 422]

export const NAME_MAX = 100
export const URL_MAX = 500

export interface Profile {
  name: string | null
  avatar_url: string | null
  company: string | null
}

export interface Clearbit extends RemoteHealth {
  /** What is known of the person, `later` when asking again may help, undefined when nothing is known. */
  find(email: string): Promise<Profile | 'later' | undefined>
}

/** Clearbit's person enrichment. What it says is text of strangers: bounded, and nothing but text. */
export function createClearbit({
  key,
  url,
  ...options
}: RemoteOptions & { key: string; url: string }): Clearbit {
  const clearbit = createRemote({
    ...options,
    name: 'clearbit',
    url: `${url}/combined/find`,
    headers: { authorization: `Bearer ${key}` },
    schema: Combined,
    expected: EXPECTED,
  })
  return {
    counts: clearbit.counts,
    state: () => clearbit.state(),
    async find(email) {
      const answer = await clearbit.ask(email)
      if (!answer || answer.status === 202) return 'later'
      return answer.body && profileOf(answer.body)
    },
  }
}

function profileOf({ person, company }: Static<typeof Combined>): Profile {
  return {
    name: plainText(person?.name?.fullName, NAME_MAX),
    avatar_url: httpsUrl(person?.avatar, URL_MAX),
    company: plainText(person?.employment?.name, NAME_MAX) ?? plainText(company?.name, NAME_MAX),
  }
}
