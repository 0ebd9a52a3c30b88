import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listCodes } from '../api/client.gen.ts'
import { ask, queryClient } from '../api/queries.ts'
import { useCopy } from '../blocks/copy.ts'
import { ScreenSkeleton } from '../blocks/skeletons.tsx'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { useMe } from '../me.ts'
import { signOut } from '../session.ts'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { Notice } from './notice.tsx'

/** An invitation opened by somebody who has an account: their own link is there to be copied. */
export function JoinSignedIn({ code }: { code: string }) {
  const say = useWords(publicWords)
  const me = useMe()
  const codes = useQuery({ ...ask(listCodes, { query: { size: 100 } }), enabled: code !== '' })
  if (!me || (code !== '' && codes.isPending)) {
    return (
      <PublicFrame>
        <Page title={say('joinTitle')}>
          <ScreenSkeleton />
        </Page>
      </PublicFrame>
    )
  }
  const own = codes.data?.items.find((one) => one.code === code.toUpperCase())
  if (own) return <OwnLink url={own.url} />
  return (
    <Notice title={say('signedInAs', { name: me.username ?? me.email })} text={say('signedInHint')}>
      <Button component={Link} href="/">
        {say('toMyCode')}
      </Button>
      <Button variant="default" h="auto" py="xs" onClick={() => void leave()}>
        {say('signOutAndJoin')}
      </Button>
    </Notice>
  )
}

function OwnLink({ url }: { url: string }) {
  const say = useWords(publicWords)
  const { copied, copy } = useCopy()
  return (
    <Notice title={say('ownLink')} text={say('ownLinkHint')}>
      <Button onClick={() => void copy(url)}>{copied ? say('linkCopied') : say('copyLink')}</Button>
      <Button component={Link} href="/" variant="default">
        {say('toMyCode')}
      </Button>
    </Notice>
  )
}

async function leave(): Promise<void> {
  await signOut()
  queryClient.clear()
}
