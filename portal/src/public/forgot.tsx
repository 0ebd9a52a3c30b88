import { Anchor, Text, TextInput } from '@mantine/core'
import { Link } from 'wouter'
import { askPasswordReset } from '../api/client.gen.ts'
import { fieldProblem } from '../api/problem.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { useSubmit } from '../blocks/submit.ts'
import { Page } from '../layout/page.tsx'
import { PublicFrame } from '../layout/public-frame.tsx'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { Notice } from './notice.tsx'

export function Forgot() {
  const say = useWords(publicWords)
  const asking = useSubmit((email: string) => askPasswordReset({ body: { email } }))
  const back = (
    <Anchor component={Link} href="/login" size="sm">
      {say('backToSignIn')}
    </Anchor>
  )
  if (asking.isSuccess) {
    return (
      <Notice title={say('forgotDoneTitle')} text={say('forgotDone')}>
        {back}
      </Notice>
    )
  }
  return (
    <PublicFrame>
      <Page title={say('forgotTitle')}>
        <Text mb="md">{say('forgotIntro')}</Text>
        <ApiForm
          problem={asking.error}
          fields={['email']}
          pending={asking.isPending}
          button={say('sendLink')}
          onSubmit={(form) => asking.mutate(valueOf(form, 'email'))}
        >
          <TextInput
            name="email"
            type="email"
            label={say('email')}
            autoComplete="email"
            error={fieldProblem(asProblem(asking.error), 'email')}
          />
        </ApiForm>
        <Text mt="lg">{back}</Text>
      </Page>
    </PublicFrame>
  )
}
