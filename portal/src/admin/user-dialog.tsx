import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AdminUserDetail } from '../api/client.gen.ts'
import { valueOf } from '../blocks/form.ts'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import { ActDialog } from './dialog.tsx'
import { usePersonName } from './people.tsx'
import { type Act, perform } from './user-acts.ts'

const REASON_MAX = 500

/** Asks before something is done to an account; before it is erased, for its address. */
export function UserDialog({
  user,
  act,
  onClose,
}: {
  user: AdminUserDetail
  act: Act
  onClose: () => void
}) {
  const say = useWords(adminWords)
  const nameOf = usePersonName()
  const [mismatch, setMismatch] = useState(false)
  const [askedAt] = useState(() => Date.now())
  const email = user.email ?? ''
  const run = async (form: HTMLFormElement) => {
    await perform(act, { user_id: user.id, reason: valueOf(form, 'reason').trim(), askedAt })
  }
  const isTyped = (form: HTMLFormElement) =>
    act !== 'erase' || valueOf(form, 'email').trim().toLowerCase() === email.toLowerCase()
  return (
    <ActDialog
      title={say(`${act}Title`, { name: nameOf(user) })}
      text={say(`${act}Text`)}
      button={act === 'sendReset' ? say('sendLink') : say(act)}
      isDangerous={act === 'block' || act === 'erase'}
      done={act === 'erase' ? say('eraseDone') : say(`${act}Done`, { name: nameOf(user) })}
      mayAct={(form) => {
        setMismatch(!isTyped(form))
        return isTyped(form)
      }}
      act={run}
      onClose={onClose}
    >
      {act === 'block' ? (
        <Textarea
          name="reason"
          label={say('blockReason')}
          data-autofocus
          autosize
          minRows={2}
          maxRows={6}
          maxLength={REASON_MAX}
        />
      ) : null}
      {act === 'erase' ? (
        <TextInput
          name="email"
          label={say('eraseType', { email })}
          data-autofocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={mismatch ? say('eraseMismatch') : undefined}
        />
      ) : null}
    </ActDialog>
  )
}
