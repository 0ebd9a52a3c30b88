let latest: { what: string; key: string } | undefined

/**
 * A key for sending this: sent again unchanged it has the same one, so that what was done although its
 * answer was lost is answered again and not refused.
 */
export function keyFor(what: unknown): string {
  const text = JSON.stringify(what)
  if (latest?.what !== text) latest = { what: text, key: randomKey() }
  return latest.key
}

// crypto.randomUUID is missing on pages without https.
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
