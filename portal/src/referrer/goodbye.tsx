import { Button } from '@mantine/core'
import { Link } from 'wouter'
import { Notice } from '../public/notice.tsx'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'

/** The last word to whoever has deleted the account. */
export function Goodbye() {
  const say = useWords(accountWords)
  return (
    <Notice title={say('erasedTitle')} text={say('erased')}>
      <Button component={Link} href="/join" variant="default">
        {say('again')}
      </Button>
    </Notice>
  )
}
