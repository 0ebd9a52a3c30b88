import { Alert, Anchor, Text, TextInput } from '@mantine/core'
import { Link } from 'wouter'
import { register } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { fieldProblem, isProblem, type Problem } from '../api/problem.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { NewPassword } from '../blocks/new-password.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { currentLocale } from '../language.ts'
import { signIn } from '../session.ts'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import type { CodeField } from './code-check.ts'
import { CodeInput, CodePanel } from './code-input.tsx'

interface Registered {
  email: string
  /** False where an address must be confirmed before one can sign in. */
  signedIn: boolean
}

const FIELDS = ['username', 'email', 'password', 'referral_code']

export function JoinForm({
  code,
  onRegistered,
}: {
  code: CodeField
  onRegistered: (registered: Registered) => void
}) {
  const say = useWords(publicWords)
  const joining = useSubmit(join, { onSuccess: onRegistered })
  const problem = asProblem(joining.error)
  return (
    <>
      <CodePanel code={code} />
      <ApiForm
        problem={joining.error}
        fields={FIELDS}
        pending={joining.isPending}
        button={say('createAccount')}
        panel={problem?.code === 'email_taken' ? <TakenPanel problem={problem} /> : undefined}
        onSubmit={(form) => joining.mutate(bodyOf(form, code.text))}
      >
        <TextInput
          name="username"
          label={say('username')}
          description={say('usernameHint')}
          autoComplete="nickname"
          autoCapitalize="none"
          spellCheck={false}
          error={fieldProblem(problem, 'username')}
        />
        <TextInput
          name="email"
          type="email"
          label={say('email')}
          autoComplete="email"
          error={fieldProblem(problem, 'email')}
        />
        <NewPassword
          name="password"
          label={say('password')}
          error={fieldProblem(problem, 'password')}
        />
        <CodeInput code={code} error={fieldProblem(problem, 'referral_code')} />
      </ApiForm>
    </>
  )
}

type Body = Parameters<typeof register>[0]['body']

async function join(body: Body): Promise<Registered> {
  const { email, password } = body
  await register({ body }, { idempotencyKey: keyFor(body) })
  try {
    await signIn(email, password)
    return { email, signedIn: true }
  } catch (error) {
    if (isProblem(error) && error.code === 'email_not_verified') return { email, signedIn: false }
    throw error
  }
}

function bodyOf(form: HTMLFormElement, code: string): Body {
  const username = valueOf(form, 'username').trim()
  return {
    email: valueOf(form, 'email').trim(),
    password: valueOf(form, 'password'),
    ...(username && { username }),
    ...(code.trim() && { referral_code: code.trim() }),
    locale: currentLocale(),
  }
}

function TakenPanel({ problem }: { problem: Problem }) {
  const say = useWords(publicWords)
  return (
    <Alert color="yellow" variant="light" role="alert" tabIndex={-1} title={problem.title}>
      <Text size="sm">{problem.detail}</Text>
      <Anchor component={Link} href="/login" size="sm" underline="always">
        {say('signIn')}
      </Anchor>
    </Alert>
  )
}
