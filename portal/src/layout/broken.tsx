import { Alert, Button, Container, Text, Title } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'

/** Shows a way out where a screen met a bug, or a file of an older version is gone. React wants a class. */
export class Broken extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? <WayOut /> : this.props.children
  }
}

function WayOut() {
  const say = useWords(commonWords)
  return (
    <Container component="main" size="xs" py="xl">
      <Alert color="red" variant="light">
        <Title order={1} size="h3">
          {say('broken')}
        </Title>
        <Text my="sm">{say('brokenHint')}</Text>
        <Button onClick={() => location.reload()}>{say('reload')}</Button>
      </Alert>
    </Container>
  )
}
