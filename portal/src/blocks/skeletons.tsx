import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'

const PATIENCE_MS = 150

/** Shows what is loading only once it takes a while: what comes at once does not flicker. */
export function AfterAWhile({ children }: { children: ReactNode }) {
  const say = useWords(commonWords)
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div aria-busy="true">
      <VisuallyHidden>{say('loading')}</VisuallyHidden>
      {isLate ? children : null}
    </div>
  )
}

/** The shape of a page that is not known yet. */
export function ScreenSkeleton() {
  return (
    <AfterAWhile>
      <Stack>
        <Skeleton height={30} width="40%" />
        <Skeleton height={160} />
      </Stack>
    </AfterAWhile>
  )
}

/** The shape of a list. */
export function ListSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <AfterAWhile>
      <Stack gap="xs">
        {Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} height={44} />
        ))}
      </Stack>
    </AfterAWhile>
  )
}
