import { Button, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { eraseMe, listSessions } from '../api/client.gen.ts'
import { ask, queryClient } from '../api/queries.ts'
import { asProblem } from '../blocks/api-form.tsx'
import { useFocusBack } from '../blocks/focus-back.ts'
import { valueOf } from '../blocks/form.ts'
import { Password } from '../blocks/password.tsx'
import { ProblemPanel } from '../blocks/problem-panel.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { useMe } from '../me.ts'
import { signIn, signOut } from '../session.ts'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'

// The service asks for a sign-in of the last 10 minutes; by then this dialog has been filled in.
const RECENT_MS = 8 * 60_000

/** Deletes the account once its address is typed, and the password where the sign-in is not recent. */
export function EraseDialog({ onClose }: { onClose: () => void }) {
  useFocusBack()
  const say = useWords(accountWords)
  const email = useMe()?.email ?? ''
  const [typed, setTyped] = useState('')
  const [, navigate] = useLocation()
  const isStale = useStaleSignIn()
  const erasing = useSubmit(
    async (password: string) => {
      if (password) await signIn(email, password)
      await eraseMe()
    },
    {
      onSuccess: async () => {
        navigate('/goodbye', { replace: true })
        await signOut()
        queryClient.clear()
      },
    },
  )
  const problem = asProblem(erasing.error)
  const asksPassword = isStale || problem?.code === 'reauthentication_required'
  const isTyped = typed.trim().toLowerCase() === email.toLowerCase() && email !== ''
  return (
    <Modal
      opened
      onClose={onClose}
      title={say('erase')}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isTyped) erasing.mutate(valueOf(event.currentTarget, 'password'))
        }}
      >
        <Stack>
          <Text size="sm">{say('eraseHint')}</Text>
          {problem && problem.code !== 'reauthentication_required' ? (
            <ProblemPanel problem={problem} />
          ) : null}
          <TextInput
            data-autofocus
            label={say('eraseType', { email })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          {asksPassword ? (
            <Password
              name="password"
              label={say('erasePassword')}
              autoComplete="current-password"
            />
          ) : null}
          <Button type="submit" color="red.9" disabled={!isTyped} loading={erasing.isPending}>
            {say('eraseNow')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}

/** Whether this device signed in so long ago that the password will be asked for. */
function useStaleSignIn(): boolean {
  const [now] = useState(() => Date.now())
  const { data } = useQuery(ask(listSessions, undefined))
  const current = data?.items.find((session) => session.is_current)
  return current !== undefined && Date.parse(current.created_at) < now - RECENT_MS
}
