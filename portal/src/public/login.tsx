import { Alert, Anchor, Stack, Text, TextInput } from '@mantine/core'
import { Link, Redirect, useSearchParams } from 'wouter'
import { fieldProblem } from '../api/problem.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { Password } from '../blocks/password.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { signIn, useSession } from '../session.ts'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'

export function Login() {
  const say = useWords(publicWords)
  const session = useSession()
  const [parameters] = useSearchParams()
  const next = parameters.get('next')
  if (session === 'in') return <Redirect to={placeOf(next)} replace />
  return (
    <PublicFrame>
      <Page title={say('signInTitle')}>
        {session === 'ended' || next ? (
          <Alert color="yellow" variant="light" mb="md">
            {session === 'ended' ? say('sessionEnded') : say('signInToGoOn')}
          </Alert>
        ) : null}
        <SignInForm />
        <Stack gap="xs" mt="lg">
          <Anchor component={Link} href="/forgot" size="sm">
            {say('forgotten')}
          </Anchor>
          <Text size="sm">
            {say('noAccount')}{' '}
            <Anchor component={Link} href="/join" inherit underline="always">
              {say('signUp')}
            </Anchor>
          </Text>
        </Stack>
      </Page>
    </PublicFrame>
  )
}

function SignInForm() {
  const say = useWords(publicWords)
  const signingIn = useSubmit((form: HTMLFormElement) =>
    signIn(valueOf(form, 'login'), valueOf(form, 'password')),
  )
  const problem = asProblem(signingIn.error)
  return (
    <ApiForm
      problem={signingIn.error}
      fields={['email', 'username', 'password']}
      pending={signingIn.isPending}
      button={say('signIn')}
      onSubmit={(form) => signingIn.mutate(form)}
    >
      <TextInput
        name="login"
        label={say('login')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={fieldProblem(problem, 'email') ?? fieldProblem(problem, 'username')}
      />
      <Password
        name="password"
        label={say('password')}
        autoComplete="current-password"
        error={fieldProblem(problem, 'password')}
      />
    </ApiForm>
  )
}

// Only a place of our own: an address is what begins with one slash.
const placeOf = (next: string | null) => (next && /^\/(?![/\\])/.test(next) ? next : '/')
