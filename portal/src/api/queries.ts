import { type QueryClientConfig, queryOptions, QueryClient } from '@tanstack/react-query'
import type { Operation } from './operation.ts'
import { isProblem, UNREACHABLE } from './problem.ts'

/** What `useQuery` needs to ask an operation; the key is the operation and what it was given. */
export function ask<Given, Answer>(operation: Operation<Given, Answer>, input: Given) {
  return queryOptions({
    queryKey: [operation.id, input ?? null],
    queryFn: ({ signal }) => operation(input, { signal }),
  })
}

/** Everything that an operation has answered, whatever it was given: for invalidating. */
export const all = (operation: { id: string }) => ({ queryKey: [operation.id] })

const CONFIG: QueryClientConfig = {
  defaultOptions: {
    queries: { staleTime: 10_000, retry: mayHelp, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
}

// Only what is away may be there a moment later; a refusal stays one.
function mayHelp(failures: number, error: unknown): boolean {
  if (failures >= 2 || !isProblem(error)) return false
  return error.code === UNREACHABLE || error.status === 503
}

export const queryClient = new QueryClient(CONFIG)
