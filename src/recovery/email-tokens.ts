import type { Context } from '../context.ts'
import { parseId } from '../lib/ids.ts'
import { deriveKey, mac, sameSecret } from '../lib/secrets.ts'

export type Purpose = 'verify' | 'reset' | 'invite'

/** A token is the id of its row and a MAC over both id and purpose: 256 bits that the database does not hold. */
export function writeEmailToken({ secret }: Context, purpose: Purpose, id: string): string {
  return `${id.replaceAll('-', '')}.${proofOf(secret, purpose, id)}`
}

/** The row that a token of ours names; undefined for any other text. */
export function readEmailToken({ secret }: Context, purpose: Purpose, token: string) {
  const [head = '', proof = ''] = token.split('.')
  const id = parseId(head)
  const ours = id !== undefined && sameSecret(proof, proofOf(secret, purpose, id))
  return ours && token === `${head}.${proof}` ? id : undefined
}

const proofOf = (secret: string, purpose: Purpose, id: string) =>
  mac(deriveKey(secret, 'email-tokens'), `${purpose}:${id}`)
