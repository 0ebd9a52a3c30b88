import { Badge, Button, Group, Skeleton, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getMe, resendVerification, updateMe, type User } from '../api/client.gen.ts'
import { fieldProblem } from '../api/problem.ts'
import { ask, queryClient } from '../api/queries.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { Block } from '../blocks/block.tsx'
import { valueOf } from '../blocks/form.ts'
import { Panel } from '../blocks/panel.tsx'
import { AfterAWhile } from '../blocks/skeletons.tsx'
import { toastDone, toastProblem } from '../blocks/toasts.tsx'
import { useFormats } from '../formats.ts'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'

const FIELDS = ['username', 'name', 'company', 'avatar_url'] as const

/** What others and programs know of me. Text of strangers may be in it: it is shown as text only. */
export function Profile() {
  const say = useWords(accountWords)
  const me = useQuery(ask(getMe, undefined))
  const skeleton = (
    <AfterAWhile>
      <Skeleton height={420} />
    </AfterAWhile>
  )
  return (
    <Panel title={say('profile')}>
      <Block query={me} skeleton={skeleton}>
        {(user) => (
          <>
            <Address user={user} />
            <ProfileForm key={user.id} user={user} />
            <Origin user={user} />
          </>
        )}
      </Block>
    </Panel>
  )
}

function Address({ user: { email, email_verified } }: { user: User }) {
  const say = useWords(accountWords)
  const resending = useMutation({
    mutationFn: () => resendVerification(),
    onSuccess: () => toastDone(say('resent', { email })),
    onError: toastProblem,
  })
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {say('email')}
      </Text>
      <Group gap="xs" mb="md">
        <Text>{email}</Text>
        <Badge variant="light" color={email_verified ? 'leaf' : 'yellow'}>
          {email_verified ? say('isConfirmed') : say('emailNotConfirmed')}
        </Badge>
        {email_verified ? null : (
          <Button
            size="compact-sm"
            variant="subtle"
            loading={resending.isPending}
            onClick={() => resending.mutate()}
          >
            {say('resend')}
          </Button>
        )}
      </Group>
    </div>
  )
}

function ProfileForm({ user }: { user: User }) {
  const say = useWords(accountWords)
  const saving = useMutation({
    mutationFn: (form: HTMLFormElement) => updateMe({ body: changesOf(user, form) }),
    onSuccess: (changed) => {
      queryClient.setQueryData(ask(getMe, undefined).queryKey, changed)
      toastDone(say('saved'))
    },
  })
  const problem = asProblem(saving.error)
  return (
    <ApiForm
      problem={saving.error}
      fields={[...FIELDS]}
      pending={saving.isPending}
      button={say('save')}
      onSubmit={(form) => saving.mutate(form)}
    >
      <TextInput
        name="username"
        label={say('username')}
        description={say('usernameHint')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={user.username ?? ''}
        error={fieldProblem(problem, 'username')}
      />
      <TextInput
        name="name"
        label={say('name')}
        autoComplete="name"
        defaultValue={user.name ?? ''}
        error={fieldProblem(problem, 'name')}
      />
      <TextInput
        name="company"
        label={say('company')}
        autoComplete="organization"
        defaultValue={user.company ?? ''}
        error={fieldProblem(problem, 'company')}
      />
      <TextInput
        name="avatar_url"
        type="url"
        label={say('avatar')}
        description={say('avatarHint')}
        placeholder="https://"
        autoComplete="off"
        spellCheck={false}
        defaultValue={user.avatar_url ?? ''}
        error={fieldProblem(problem, 'avatar_url')}
      />
    </ApiForm>
  )
}

// What is set here is not filled in by enrichment any more: only what was changed is sent.
function changesOf(user: User, form: HTMLFormElement) {
  const typed = FIELDS.map((name) => [name, valueOf(form, name).trim() || null] as const)
  return Object.fromEntries(typed.filter(([name, value]) => value !== user[name]))
}

function Origin({ user: { referred_by, created_at } }: { user: User }) {
  const say = useWords(accountWords)
  const { date } = useFormats()
  const from = (by: NonNullable<User['referred_by']>) =>
    by.name === null
      ? say('cameByCode', { code: by.code })
      : say('cameBy', { code: by.code, name: by.name })
  return (
    <Text size="sm" c="dimmed" mt="md">
      {say('since', { when: date(created_at) })}
      {referred_by ? ` · ${from(referred_by)}` : ''}
    </Text>
  )
}
