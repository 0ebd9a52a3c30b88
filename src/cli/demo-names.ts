const FIRST =
  'anna boris carla daniel elena felix grace hugo irina jan katya liam maria nikolai olga pavel quinn rosa sergey tara ulrich vera walter xenia yuri zoe amir bianca chen dmitri emma farid greta hana ivan julia kenji lena marco nadia'.split(
    ' ',
  )
const LAST =
  'adams bauer costa dubois evans fischer garcia horvat ivanov jensen kowalski larsen moreau novak orlov petrov quist rossi silva tanaka ueda vasquez weber xu yilmaz zhou andersen baranov cohen diaz eriksen fontaine green hassan ito jovanovic kim lopez meyer nguyen okafor popov ricci schmidt torres ullman volkov walsh young zeman'.split(
    ' ',
  )
const PAIRS = FIRST.length * LAST.length
// Shares no factor with the number of pairs, so that all of them come before one comes again.
const STRIDE = 7919

/** A name of its own for each number; the first two thousand have no figure at their end. */
export function demoName(number: number): string {
  const pair = (number * STRIDE) % PAIRS
  const round = Math.floor(number / PAIRS)
  const first = FIRST[pair % FIRST.length]
  const last = LAST[Math.floor(pair / FIRST.length)]
  return `${first}.${last}${round > 0 ? round + 1 : ''}`
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SPREAD = 678_152_731_811n

/** A code's text of its own for each number, that looks like any other: eight letters of base 32. */
export function demoCode(number: number): string {
  // Each step can be undone, so that no two numbers come to one text.
  const spread = BigInt.asUintN(40, BigInt(number) * SPREAD)
  const text = BigInt.asUintN(40, (spread ^ (spread >> 20n)) * SPREAD)
  return Array.from(
    { length: 8 },
    (_, place) => ALPHABET[Number((text >> BigInt(5 * place)) & 31n)],
  ).join('')
}
