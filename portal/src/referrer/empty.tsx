import { Stack, Text } from '@mantine/core'
import { Sprout } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './home.module.css'

/** Says why there is nothing yet and what to do about it. */
export function Empty({
  title,
  hint,
  children,
}: {
  title: string
  hint: string
  children?: ReactNode
}) {
  return (
    <Stack align="center" gap="xs" py="lg" ta="center">
      <span className={styles['sprout']}>
        <Sprout size={28} aria-hidden />
      </span>
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" maw={360}>
        {hint}
      </Text>
      {children}
    </Stack>
  )
}
