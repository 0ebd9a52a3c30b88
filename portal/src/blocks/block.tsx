import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ProblemPanel } from './problem-panel.tsx'
import { ListSkeleton } from './skeletons.tsx'

/**
 * What an operation answered, in one block of a page: its shape while it loads, the problem with *Try again*
 * where it failed, else the children. Data that is being renewed stays on the page.
 */
export function Block<T>({
  query,
  skeleton = <ListSkeleton />,
  children,
}: {
  query: UseQueryResult<T>
  skeleton?: ReactNode
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) {
    return <ProblemPanel problem={query.error} onRetry={() => void query.refetch()} />
  }
  return skeleton
}
