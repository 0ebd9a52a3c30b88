const LENGTH_MAX = 64
const USERNAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}._-]{1,30})[\p{L}\p{N}]$/u

/**
 * Reads a username: 3 to 32 letters, digits, dots, dashes and underscores, never an @, so that it
 * cannot be taken for an e-mail address. `key` is what is compared: case and Unicode forms folded.
 */
export function parseUsername(text: string): { username: string; key: string } | undefined {
  const written = text.trim()
  // Before normalising, which makes some texts 18 times as long.
  if (written.length > LENGTH_MAX) return undefined
  const username = written.normalize('NFKC')
  if (!USERNAME.test(username)) return undefined
  return { username, key: username.toLowerCase().normalize('NFKC') }
}
