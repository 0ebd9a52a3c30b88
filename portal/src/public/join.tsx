import { Anchor, Text } from '@mantine/core'
import { useState } from 'react'
import { Link, Redirect, useParams } from 'wouter'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { useSession } from '../session.ts'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { useCode } from './code-check.ts'
import { JoinForm } from './join-form.tsx'
import { JoinSignedIn } from './join-signed-in.tsx'
import { Notice } from './notice.tsx'

/** The friend's landing, and the registration of those whom nobody invited. */
export function Join() {
  const say = useWords(publicWords)
  const { code: invited = '' } = useParams<{ code?: string }>()
  const session = useSession()
  const [registered, setRegistered] = useState<{ email: string; signedIn: boolean }>()
  const code = useCode(invited)

  if (registered && !registered.signedIn) {
    const text = say('checkMail', { email: registered.email })
    return <Notice title={say('confirmEmail')} text={text} />
  }
  if (registered) return <Redirect to="/" replace />
  if (session === 'in') return <JoinSignedIn code={invited} />
  const { state } = code
  const isInvited = invited !== '' && (state.kind === 'active' || state.kind === 'checking')
  return (
    <PublicFrame>
      <Page title={titleOf()}>
        {isInvited ? <Text mb="md">{say('joinIntro')}</Text> : null}
        <JoinForm code={code} onRegistered={setRegistered} />
        <Text size="sm" mt="lg">
          {say('haveAccount')}{' '}
          <Anchor component={Link} href="/login" inherit underline="always">
            {say('signIn')}
          </Anchor>
        </Text>
      </Page>
    </PublicFrame>
  )

  function titleOf(): string {
    if (!isInvited) return say('joinTitle')
    return state.kind === 'active' && state.name
      ? say('invitedBy', { name: state.name })
      : say('invited')
  }
}
