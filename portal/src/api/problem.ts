/** What the API answers a failure with (RFC 9457), thrown as it is. */
export interface Problem {
  status: number
  code: string
  title: string
  detail: string
  request_id?: string | undefined
  errors?: { pointer: string; code: string; detail: string }[] | undefined
}

/** Nothing came back: the network or the service is away. Its words are the portal's own. */
export const UNREACHABLE = 'unreachable'

export const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && 'code' in error && 'status' in error

/** The words of a problem on one field of a form, by its name in the body. */
export function fieldProblem(problem: Problem | undefined, name: string): string | undefined {
  const found = problem?.errors?.filter(({ pointer }) => pointer === `/${name}`) ?? []
  return found.map(({ detail }) => detail).join(' ') || undefined
}

export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined)
  if (isProblem(body)) return body
  return { status: response.status, code: UNREACHABLE, title: '', detail: '' }
}
