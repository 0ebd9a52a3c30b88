/** The rules of referrals, as small as they can be said: what the service is compared with. */
export interface Person {
  email: string
  verified: boolean
  erased: boolean
  /** Oldest first; only the last one may be active. */
  codes: Code[]
  cameBy?: { code: Code; status: Status }
}

export interface Code {
  text: string
  owner: Person
  state: 'active' | 'expired' | 'retired'
}

export type Status = 'pending' | 'confirmed' | 'refused'

export interface World {
  people: Person[]
}

export const newPerson = (email: string): Person => ({
  email,
  verified: false,
  erased: false,
  codes: [],
})

/** The code that `person` shares, or shared last. */
export const lastCode = (person: Person): Code | undefined => person.codes.at(-1)

export function activeCode(person: Person): Code | undefined {
  const code = lastCode(person)
  return code?.state === 'active' ? code : undefined
}

/** Who came by the codes of `person`, newest first. */
export const referralsOf = ({ people }: World, person: Person): Person[] =>
  people.filter(({ cameBy }) => cameBy?.code.owner === person).toReversed()

/** Whoever came by a code and was not refused is counted. */
export const counted = (people: Person[]): Person[] =>
  people.filter(({ cameBy }) => cameBy?.status !== 'refused')

/** One more address of the same mailbox. */
export const aliasOf = (email: string, number: number): string => email.replace('@', `+${number}@`)

const mailbox = (email: string) => email.replace(/\+.*@/, '@')

/** What becomes of a registration by this code. */
export function attribute(person: Person, code: Code): void {
  const own = mailbox(person.email) === mailbox(code.owner.email)
  person.cameBy = { code, status: own ? 'refused' : 'pending' }
}

export function confirm(person: Person): void {
  person.verified = true
  if (person.cameBy?.status === 'pending') person.cameBy.status = 'confirmed'
}

export function retire(person: Person): void {
  const code = activeCode(person)
  if (code) code.state = 'retired'
}
