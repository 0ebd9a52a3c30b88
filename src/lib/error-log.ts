import { namelessReason } from './reasons.ts'

/** Named parts of a database's error that hold names of ours; `detail` and `where` hold what people sent. */
const PARTS = ['code', 'severity', 'schema', 'table', 'column', 'constraint', 'routine'] as const
const CAUSES_MAX = 3
const QUOTED = /"[^"]*("|$)|'[^']*'|`[^`]*`/g

/** An error as it may be logged: what went wrong and where in the code, never the values that it was about. */
export function describeError(given: unknown, depth = 0): unknown {
  const error = errorOf(given)
  if (!error) return { type: typeof given }
  const { name, stack = '', cause } = error
  const parts = partsOf(error)
  const frames = stack.search(/^\s+at /m)
  return {
    type: name,
    message: quotesNames(parts) ? namelessReason(error) : withoutQuoted(namelessReason(error)),
    ...parts,
    stack: frames === -1 ? '' : stack.slice(frames).trimEnd(),
    ...(cause !== undefined && depth < CAUSES_MAX && { cause: describeError(cause, depth + 1) }),
  }
}

/** What every log of ours is made with, so that no error is written otherwise. */
export const serializers = { err: (error: unknown) => describeError(error) }

// pg-boss copies the fields of its errors into plain objects.
function errorOf(given: unknown): Error | undefined {
  if (given instanceof Error) return given
  const { message } = (given ?? {}) as { message?: unknown }
  return typeof message === 'string' ? Object.assign(new Error(message), given) : undefined
}

// The database quotes names of tables and constraints, but for class 22, which is about a value that was given.
const quotesNames = ({ severity, code = '' }: Record<string, string>) =>
  severity !== undefined && !code.startsWith('22')

const withoutQuoted = (message: string) => message.replaceAll(QUOTED, '"…"')

function partsOf(error: object): Record<string, string> {
  const given = error as Record<string, unknown>
  const named = PARTS.map((part) => [part, given[part]] as const)
  return Object.fromEntries(
    named.filter((part): part is [(typeof PARTS)[number], string] => typeof part[1] === 'string'),
  )
}
