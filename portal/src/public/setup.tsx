import { Button, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { getSetup, setUp } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { fieldProblem } from '../api/problem.ts'
import { ask } from '../api/queries.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { Block } from '../blocks/block.tsx'
import { valueOf } from '../blocks/form.ts'
import { NewPassword } from '../blocks/new-password.tsx'
import { ScreenSkeleton } from '../blocks/skeletons.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { signIn } from '../session.ts'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { useLinkToken } from './link-token.ts'
import { Notice } from './notice.tsx'

/** The first run: makes the first administrator by the link that the service printed. */
export function Setup() {
  const say = useWords(publicWords)
  const token = useLinkToken()
  const setup = useQuery(ask(getSetup, undefined))
  if (setup.data?.needed === false) {
    return (
      <Notice title={say('setupDoneTitle')} text={say('setupDone')}>
        <Button component={Link} href="/login">
          {say('signIn')}
        </Button>
      </Notice>
    )
  }
  if (setup.data && !token) {
    return <Notice title={say('linkIncompleteTitle')} text={say('setupIncomplete')} />
  }
  return (
    <PublicFrame>
      <Page title={say('setupTitle')}>
        <Block query={setup} skeleton={<ScreenSkeleton />}>
          {() => <SetupForm token={token!} />}
        </Block>
      </Page>
    </PublicFrame>
  )
}

async function makeAdministrator(body: { token: string; email: string; password: string }) {
  await setUp({ body }, { idempotencyKey: keyFor(body) })
  await signIn(body.email, body.password)
}

function SetupForm({ token }: { token: string }) {
  const say = useWords(publicWords)
  const [, navigate] = useLocation()
  const making = useSubmit(makeAdministrator, {
    onSuccess: () => navigate('/admin', { replace: true }),
  })
  const problem = asProblem(making.error)
  return (
    <>
      <Text mb="md">{say('setupIntro')}</Text>
      <ApiForm
        problem={making.error}
        fields={['email', 'password']}
        pending={making.isPending}
        button={say('setUp')}
        onSubmit={(form) =>
          making.mutate({
            token,
            email: valueOf(form, 'email'),
            password: valueOf(form, 'password'),
          })
        }
      >
        <TextInput
          name="email"
          type="email"
          label={say('email')}
          autoComplete="username"
          error={fieldProblem(problem, 'email')}
        />
        <NewPassword
          name="password"
          label={say('password')}
          error={fieldProblem(problem, 'password')}
        />
      </ApiForm>
    </>
  )
}
