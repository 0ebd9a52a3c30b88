import { Loader, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { createCode, listCodes } from '../api/client.gen.ts'
import { keyFor } from '../api/idempotency.ts'
import { fieldProblem } from '../api/problem.ts'
import { all, queryClient } from '../api/queries.ts'
import { ApiForm, asProblem } from '../blocks/api-form.tsx'
import { valueOf } from '../blocks/form.ts'
import { Panel } from '../blocks/panel.tsx'
import { useShortcut } from '../shortcuts.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { type Availability, useAvailability } from './availability.ts'
import { chosenExpiry, ExpiryChoice } from './expiry-choice.tsx'
import styles from './home.module.css'
import { retireNow } from './retiring.ts'

/** Creates a code: how long it works, and a text of one's own if one likes. */
export function CreateCode({
  onCreated,
  isAskedFor,
}: {
  onCreated: () => void
  /** Somebody pressed for it: the form gets the focus. */
  isAskedFor: boolean
}) {
  const say = useWords(referrerWords)
  const [isIncomplete, setIncomplete] = useState(false)
  const creating = useMutation({
    mutationFn: create,
    onSuccess: async () => {
      onCreated()
      await queryClient.invalidateQueries(all(listCodes))
    },
  })
  const problem = asProblem(creating.error)
  const dateProblem = isIncomplete ? say('dateMissing') : fieldProblem(problem, 'expires_at')
  return (
    <Panel title={say('createTitle')}>
      <Text mb="md">{say('createIntro')}</Text>
      <ApiForm
        problem={creating.error}
        fields={['code', 'expires_at']}
        pending={creating.isPending}
        button={say('create')}
        onSubmit={(form) => {
          const expires_at = chosenExpiry(form)
          setIncomplete(expires_at === undefined)
          const code = valueOf(form, 'code').trim()
          if (expires_at) creating.mutate({ expires_at, ...(code && { code }) })
        }}
      >
        <ExpiryChoice error={dateProblem} />
        <OwnText error={fieldProblem(problem, 'code')} isAskedFor={isAskedFor} />
      </ApiForm>
    </Panel>
  )
}

async function create(body: { expires_at: string; code?: string }) {
  // The one that is being switched off is still the active one.
  await retireNow()
  return createCode({ body }, { idempotencyKey: keyFor(body) })
}

/** A text of one's own, in upper case, and whether it can be had. */
function OwnText({ error, isAskedFor }: { error: string | undefined; isAskedFor: boolean }) {
  const say = useWords(referrerWords)
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const { availability, onLeave } = useAvailability(text)
  useShortcut('n', say('createNew'), () => input.current?.focus())
  useEffect(() => {
    if (isAskedFor) input.current?.focus()
  }, [isAskedFor])
  const isBad = availability === 'taken' || availability === 'wrong'
  return (
    <TextInput
      ref={input}
      name="code"
      label={say('ownText')}
      description={
        <output className={isBad ? styles['bad'] : undefined}>{say(HINTS[availability])}</output>
      }
      classNames={{ input: styles['typed']! }}
      maxLength={64}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value.toUpperCase())}
      onBlur={onLeave}
      rightSection={SIGNS[availability]}
      error={error ?? isBad}
    />
  )
}

const HINTS = {
  none: 'ownTextHint',
  wrong: 'textWrong',
  checking: 'textChecking',
  free: 'textFree',
  taken: 'textTaken',
} as const

const SIGNS: Partial<Record<Availability, ReactNode>> = {
  checking: <Loader size={16} />,
  free: <Check size={18} aria-hidden className={styles['tick']} />,
}
