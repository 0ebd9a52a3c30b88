import { type Static, Type } from 'typebox'
import { createRemote, type RemoteHealth, type RemoteOptions } from './remote.ts'

// https://hunter.io/api-documentation/v2#email-verifier
const Verification = Type.Object({
  data: Type.Object({
    email: Type.String(),
    status: Type.Optional(Type.String()),
    // Older than `status`, and still sent beside it.
    result: Type.Optional(Type.String()),
    disposable: Type.Optional(Type.Boolean()),
  }),
})

// In progress; the mailbox's own server failed; an address that Hunter cannot read, or may not look at.
// None of them may open the breaker: whoever registers chooses the address.
const EXPECTED = [202, 222, 400, 422, 451]

export interface Hunter extends RemoteHealth {
  /** Whether Hunter says clearly that no mail arrives there; false whenever it says anything less. */
  isUndeliverable(email: string): Promise<boolean>
}

/** Hunter's email verifier; the key goes in a header, so that no log of addresses holds it. */
export function createHunter({
  key,
  url,
  ...options
}: RemoteOptions & { key: string; url: string }): Hunter {
  const hunter = createRemote({
    ...options,
    name: 'hunter',
    url: `${url}/email-verifier`,
    headers: { 'x-api-key': key },
    schema: Verification,
    expected: EXPECTED,
  })
  return {
    counts: hunter.counts,
    state: () => hunter.state(),
    async isUndeliverable(email) {
      const answer = await hunter.ask(email)
      return answer?.body !== undefined && refuses(answer.body, email)
    },
  }
}

function refuses({ data }: Static<typeof Verification>, email: string): boolean {
  // An answer about somebody else's address decides nothing.
  if (data.email.toLowerCase() !== email.toLowerCase()) return false
  if (data.disposable || data.status === 'disposable') return true
  return data.status === undefined ? data.result === 'undeliverable' : data.status === 'invalid'
}
