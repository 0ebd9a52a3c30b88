import { Button, Text } from '@mantine/core'
import { Link } from 'wouter'
import { resetPassword } from '../api/client.gen.ts'
import { fieldProblem } from '../api/problem.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { NewPassword } from '../blocks/new-password.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { useLinkToken } from './link-token.ts'
import { Notice } from './notice.tsx'

type Kind = 'reset' | 'invite'

/** Where the link of a forgotten password leads. */
export const Reset = () => <SetPassword kind="reset" />

/** Where the link of an administrator's invitation leads. */
export const Invite = () => <SetPassword kind="invite" />

function SetPassword({ kind }: { kind: Kind }) {
  const say = useWords(publicWords)
  const token = useLinkToken()
  const setting = useSubmit((body: { token: string; password: string }) => resetPassword({ body }))
  const problem = asProblem(setting.error)
  if (setting.isSuccess) {
    return (
      <Notice title={say(`${kind}DoneTitle`)} text={say(`${kind}Done`)}>
        <Button component={Link} href="/login">
          {say('signIn')}
        </Button>
      </Notice>
    )
  }
  if (!token || fieldProblem(problem, 'token')) return <Incomplete kind={kind} />
  if (problem?.code === 'link_expired') return <Expired kind={kind} />
  return (
    <PublicFrame>
      <Page title={say(`${kind}Title`)}>
        <Text mb="md">{say(`${kind}Intro`)}</Text>
        <ApiForm
          problem={setting.error}
          fields={['password']}
          pending={setting.isPending}
          button={say('setPassword')}
          onSubmit={(form) => setting.mutate({ token, password: valueOf(form, 'password') })}
        >
          <NewPassword
            name="password"
            label={kind === 'reset' ? say('newPassword') : say('password')}
            error={fieldProblem(problem, 'password')}
          />
        </ApiForm>
      </Page>
    </PublicFrame>
  )
}

function Incomplete({ kind }: { kind: Kind }) {
  const say = useWords(publicWords)
  return (
    <Notice title={say('linkIncompleteTitle')} text={say('linkIncomplete')}>
      {kind === 'reset' ? <AskAgain /> : null}
    </Notice>
  )
}

function Expired({ kind }: { kind: Kind }) {
  const say = useWords(publicWords)
  const text = kind === 'reset' ? say('linkExpired') : say('inviteExpired')
  return (
    <Notice title={say('linkExpiredTitle')} text={text}>
      {kind === 'reset' ? <AskAgain /> : null}
    </Notice>
  )
}

function AskAgain() {
  const say = useWords(publicWords)
  return (
    <Button component={Link} href="/forgot">
      {say('askNewLink')}
    </Button>
  )
}
