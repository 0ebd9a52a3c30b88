import { Anchor, Text } from '@mantine/core'
import { Link } from 'wouter'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import { Page } from './page.tsx'
import { PublicFrame } from './public-frame.tsx'

export function NotFound({ inFrame = false }: { inFrame?: boolean }) {
  const say = useWords(commonWords)
  const page = (
    <Page title={say('notFound')}>
      <Text mb="md">{say('notFoundHint')}</Text>
      <Anchor component={Link} href="/" underline="always">
        {say('toStart')}
      </Anchor>
    </Page>
  )
  return inFrame ? page : <PublicFrame>{page}</PublicFrame>
}
