import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'

/** A page that says how something ended and what can be done now. */
export function Notice({
  title,
  text,
  children,
}: {
  title: string
  text: string
  children?: ReactNode
}) {
  return (
    <PublicFrame>
      <Page title={title} isResult>
        <Stack>
          <Text>{text}</Text>
          {children}
        </Stack>
      </Page>
    </PublicFrame>
  )
}
