import { Modal } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { extendCode, listCodes } from '../api/client.gen.ts'
import { fieldProblem } from '../api/problem.ts'
import { all, queryClient } from '../api/queries.ts'
import { useState } from 'react'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { useFocusBack } from '../blocks/focus-back.ts'
import { toastDone } from '../blocks/toasts.tsx'
import { useFormats } from '../formats.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { chosenExpiry, ExpiryChoice } from './expiry-choice.tsx'

/** Moves the end of the active code. */
export function ExtendDialog({ now, onClose }: { now: string; onClose: () => void }) {
  useFocusBack()
  const say = useWords(referrerWords)
  const { dateTime } = useFormats()
  const [isIncomplete, setIncomplete] = useState(false)
  const extending = useMutation({
    mutationFn: (expires_at: string) => extendCode({ body: { expires_at } }),
    onSuccess: ({ expires_at }) => {
      toastDone(say('extended', { when: dateTime(expires_at) }))
      onClose()
      return queryClient.invalidateQueries(all(listCodes))
    },
  })
  const refused = fieldProblem(asProblem(extending.error), 'expires_at')
  return (
    <Modal
      opened
      onClose={onClose}
      title={say('extendTitle')}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <ApiForm
        problem={extending.error}
        fields={['expires_at']}
        pending={extending.isPending}
        button={say('save')}
        onSubmit={(form) => {
          const expiresAt = chosenExpiry(form)
          setIncomplete(expiresAt === undefined)
          if (expiresAt) extending.mutate(expiresAt)
        }}
      >
        <ExpiryChoice now={now} error={isIncomplete ? say('dateMissing') : refused} />
      </ApiForm>
    </Modal>
  )
}
