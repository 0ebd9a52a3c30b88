import { Button, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import { getMe, resendVerification, verifyEmail } from '../api/client.gen.ts'
import { fieldProblem } from '../api/problem.ts'
import { all, queryClient } from '../api/queries.ts'
import { asProblem } from '../blocks/api-form.tsx'
import { ProblemPanel } from '../blocks/problem-panel.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { useSession } from '../session.ts'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { useLinkToken } from './link-token.ts'
import { Notice } from './notice.tsx'

/** Where the link that confirms an address leads. Opening it spends nothing: scanners of mail open links too. */
export function Verify() {
  const say = useWords(publicWords)
  const token = useLinkToken()
  const confirming = useSubmit((token: string) => verifyEmail({ body: { token } }), {
    onSuccess: () => queryClient.invalidateQueries(all(getMe)),
  })
  const problem = asProblem(confirming.error)
  if (confirming.isSuccess) {
    return (
      <Notice title={say('verifyDoneTitle')} text={say('verifyDone')}>
        <Button component={Link} href="/">
          {say('goOn')}
        </Button>
      </Notice>
    )
  }
  if (!token || fieldProblem(problem, 'token')) {
    return <Notice title={say('linkIncompleteTitle')} text={say('linkIncomplete')} />
  }
  if (problem?.code === 'link_expired') return <Expired />
  return (
    <PublicFrame>
      <Page title={say('confirmEmail')}>
        <Stack>
          <Text>{say('verifyIntro')}</Text>
          {confirming.isError ? <ProblemPanel problem={confirming.error} /> : null}
          <Button loading={confirming.isPending} onClick={() => confirming.mutate(token)}>
            {say('verify')}
          </Button>
        </Stack>
      </Page>
    </PublicFrame>
  )
}

function Expired() {
  const say = useWords(publicWords)
  const session = useSession()
  const sending = useSubmit<void, void>(() => resendVerification())
  const title = say('linkExpiredTitle')
  if (sending.isSuccess) return <Notice title={title} text={say('resent')} />
  if (session !== 'in') {
    return (
      <Notice title={title} text={`${say('linkExpired')} ${say('verifyExpiredOut')}`}>
        <Button component={Link} href="/login?next=/account">
          {say('signIn')}
        </Button>
      </Notice>
    )
  }
  return (
    <Notice title={title} text={`${say('linkExpired')} ${say('verifyExpiredIn')}`}>
      {sending.isError ? <ProblemPanel problem={sending.error} /> : null}
      <Button loading={sending.isPending} onClick={() => sending.mutate()}>
        {say('resend')}
      </Button>
    </Notice>
  )
}
