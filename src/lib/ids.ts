import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

/** A new UUIDv7: ids sort by the time they were made, so an id is also a list's cursor. */
export const newId = (): string => v7()

const processName = randomBytes(8).toString('hex')
let requests = 0

/** Names a request: its process by chance, then its number. An id of its own would cost a twentieth of a cached read. */
export const newRequestId = (): string => `${processName}-${(++requests).toString(36)}`

/** An id as it would have been made at that moment, in milliseconds since 1970. */
export const newIdAt = (time: number): string => v7({ msecs: time })

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** Reads an id with or without dashes in any case; undefined for anything else. */
export function parseId(text: string): string | undefined {
  if (!UUID.test(text)) return undefined
  return text
    .replaceAll('-', '')
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
