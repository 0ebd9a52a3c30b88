import { Button, Paper } from '@mantine/core'
import { Link } from 'wouter'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { isOver, useCodes, useCodeState } from './codes.ts'
import { CopyLink } from './copy-link.tsx'
import { Empty } from './empty.tsx'

/** An empty list: nobody fits the filters, or nobody came yet and the link wants to be sent. */
export function Nobody({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const say = useWords(referrerWords)
  return (
    <Paper withBorder radius="lg" p="lg">
      {isFiltered ? (
        <Empty title={say('nothingFound')} hint={say('nothingFoundHint')}>
          <Button variant="light" mt="sm" onClick={onClear}>
            {say('showEverybody')}
          </Button>
        </Empty>
      ) : (
        <NobodyYet />
      )}
    </Paper>
  )
}

function NobodyYet() {
  const say = useWords(referrerWords)
  const codeState = useCodeState()
  const { data } = useCodes()
  const newest = data?.items[0]
  const active = newest && !isOver(codeState(newest)) ? newest : undefined
  const isMissing = data !== undefined && !active
  return (
    <Empty title={say('emptyTitle')} hint={isMissing ? say('noCodeHint') : say('emptyHint')}>
      {active ? <CopyLink url={active.url} long mt="sm" /> : null}
      {isMissing ? (
        <Button component={Link} href="/" mt="sm">
          {say('create')}
        </Button>
      ) : null}
    </Empty>
  )
}
