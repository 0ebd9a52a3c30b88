import { currentLocale } from '../language.ts'
import { accessToken, refreshSession } from '../session.ts'
import { isProblem, type Problem, readProblem, UNREACHABLE } from './problem.ts'

interface Input {
  path?: Record<string, string | number>
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
}

export interface Options {
  signal?: AbortSignal
  /** Makes a retry safe: the same key, the same effect. */
  idempotencyKey?: string
  /** Sent to its end although the page is being left. */
  keepalive?: boolean
}

/** One operation of the contract; throws a `Problem`. */
export interface Operation<Given, Answer> {
  (input: Given, options?: Options): Promise<Answer>
  /** Names it in the keys of what was asked. */
  id: string
}

export function operation<Given, Answer>(
  method: string,
  template: string,
  kind: 'json' | 'blob' = 'json',
): Operation<Given, Answer> {
  const call = async (given: Given, options: Options = {}): Promise<Answer> => {
    const input: Input = given ?? {}
    const send = () => ask(method, addressOf(template, input), input.body, options)
    const token = accessToken()
    let response = await send()
    // Access tokens live for minutes: one that has expired is changed for a new one, once.
    if (token && (await refusesToken(response)) && (await refreshSession(token))) {
      response = await send()
    }
    if (!response.ok) throw await readProblem(response)
    if (response.status === 204 || response.headers.get('content-length') === '0') {
      return undefined as Answer
    }
    return (await response[kind]()) as Answer
  }
  return Object.assign(call, { id: `${method} ${template}` })
}

function ask(method: string, address: string, body: unknown, options: Options): Promise<Response> {
  const token = accessToken()
  const headers = {
    'accept-language': currentLocale(),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
    ...(options.idempotencyKey && { 'idempotency-key': options.idempotencyKey }),
  }
  return fetch(address, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(options.signal && { signal: options.signal }),
    ...(options.keepalive && { keepalive: true }),
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error
    const problem: Problem = { status: 0, code: UNREACHABLE, title: '', detail: '' }
    throw problem
  })
}

// A wrong password is answered 401 too, and must not be tried twice.
async function refusesToken(response: Response): Promise<boolean> {
  if (response.status !== 401) return false
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return !isProblem(problem) || ['invalid_token', 'unauthorized'].includes(problem.code)
}

function addressOf(template: string, { path = {}, query = {} }: Input): string {
  const address = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path[name])),
  )
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  }
  return parameters.size > 0 ? `${address}?${parameters}` : address
}
