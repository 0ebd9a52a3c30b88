type Strength =
  | 'none'
  | 'strengthWeak'
  | 'strengthFair'
  | 'strengthGood'
  | 'strengthStrong'
  | 'strengthLong'

const KINDS = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u]

/** How good a password is, as a word for it; a number is how many characters are missing. */
export function strengthOf(password: string): Strength | number {
  const { length } = Array.from(password)
  if (length === 0) return 'none'
  if (length < 8) return 8 - length
  if (length > 128) return 'strengthLong'
  const different = new Set(password.toLowerCase()).size
  if (different < 5) return 'strengthWeak'
  const kinds = KINDS.filter((kind) => kind.test(password)).length
  const score = Math.min(length, different * 2) + kinds * 2
  if (score >= 20) return 'strengthStrong'
  return score >= 15 ? 'strengthGood' : 'strengthFair'
}
