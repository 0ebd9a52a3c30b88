/** The words of an error; of a connection tried at several addresses, those of each. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message || error.name : String(error)
}

const READ_MAX = 2000
const REASON_MAX = 300
const ADDRESS = /[^\s"'<>(),;:=]+@[^\s"'<>(),;:]+/g

/** The words of an error as they may be kept: short, and without anybody's address. */
export function namelessReason(error: unknown): string {
  return reasonOf(error).slice(0, READ_MAX).replaceAll(ADDRESS, '…@…').slice(0, REASON_MAX)
}
