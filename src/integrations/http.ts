import { SECOND } from '../lib/dates.ts'

export const TIMEOUT_MS = 3 * SECOND
const BYTES_MAX = 64 * 1024

/** Named, because the words of an error may quote the address, the key or what was received. */
export type RemoteFailure =
  | 'timeout'
  | 'unreachable'
  | 'too_large'
  | 'not_json'
  | 'unexpected_answer'
  | `status_${number}`

/** A service of others that did not answer as it should. */
export class RemoteError extends Error {
  override name = 'RemoteError'
  readonly failure: RemoteFailure

  constructor(failure: RemoteFailure) {
    super(failure)
    this.failure = failure
  }
}

export interface Answer {
  status: number
  /** Of a 200 only; nothing has checked its shape. */
  body?: unknown
}

/**
 * Asks a service of others for JSON: 3 s from the connection to the last byte, 64 kB, no redirects.
 * Throws a RemoteError and nothing else.
 */
export async function getJson(
  url: URL,
  headers: Record<string, string>,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timeoutMs)
  try {
    return await ask(url, headers, deadline.signal)
  } catch (error) {
    if (error instanceof RemoteError) throw error
    throw new RemoteError(deadline.signal.aborted ? 'timeout' : 'unreachable')
  } finally {
    clearTimeout(timer)
    // Whatever was not read is not waited for either.
    deadline.abort()
  }
}

async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal) {
  const response = await fetch(url, {
    headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
    redirect: 'manual',
    signal,
  })
  const { status } = response
  return status === 200 ? { status, body: parse(await readBounded(response)) } : { status }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > BYTES_MAX) throw new RemoteError('too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new RemoteError('not_json')
  }
}
