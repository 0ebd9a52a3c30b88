import { Group, Paper, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

/** A part of a page in a frame of its own, under its own heading. */
export function Panel({
  title,
  aside,
  children,
}: {
  title: string
  /** What stands beside the heading. */
  aside?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <Paper
      withBorder
      radius="lg"
      p={{ base: 'md', xs: 'lg' }}
      component="section"
      aria-labelledby={id}
    >
      <Group justify="space-between" gap="xs" mb="md">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Paper>
  )
}
