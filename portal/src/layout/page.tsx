import { Group, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { Breakable } from '../blocks/breakable.tsx'

let shownPath: string | undefined

/**
 * One page: its title in the tab and as the heading. On a change of page the focus goes to the heading, so
 * that those who listen hear where they are; not when the first page opens, which is read from its top.
 * With `isResult` it goes there in any case: the page says how something ended.
 */
export function Page({
  title,
  aside,
  isResult = false,
  children,
}: {
  title: string
  /** What stands beside the heading. */
  aside?: ReactNode
  isResult?: boolean
  children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  const [path] = useLocation()
  useEffect(() => {
    document.title = `${title} · Invitree`
  }, [title])
  useEffect(() => {
    if (isResult || (shownPath !== undefined && shownPath !== path)) {
      scrollTo(0, 0)
      heading.current?.focus({ preventScroll: true })
    }
    shownPath = path
  }, [path, isResult])
  return (
    <>
      <Group justify="space-between" gap="sm" mb="md">
        <Title order={1} size="h2" ref={heading} tabIndex={-1}>
          <Breakable name={title} />
        </Title>
        {aside}
      </Group>
      {children}
    </>
  )
}
