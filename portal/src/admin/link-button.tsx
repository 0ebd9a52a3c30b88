import { Button } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'

/** A link that looks like a small button. */
export function LinkButton({
  href,
  Icon,
  children,
}: {
  href: string
  Icon?: LucideIcon
  children: ReactNode
}) {
  return (
    <Button
      component={Link}
      href={href}
      size="xs"
      variant="default"
      leftSection={Icon ? <Icon size={16} aria-hidden /> : null}
    >
      {children}
    </Button>
  )
}
