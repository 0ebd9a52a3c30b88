import { Modal, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { ApiForm } from '../blocks/api-form.tsx'
import { useSubmit } from '../blocks/submit.ts'
import { toastDone } from '../blocks/toasts.tsx'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'

/** A dialog that asks before something is done, says what was refused, and what was done. */
export function ActDialog({
  title,
  text,
  button,
  done,
  fields = [],
  isDangerous = false,
  mayAct,
  act,
  onClose,
  children,
}: {
  title: string
  /** What it means for those concerned. */
  text?: string
  button: string
  done: string
  fields?: string[]
  isDangerous?: boolean
  /** Looks at the form before anything is sent. */
  mayAct?: (form: HTMLFormElement) => boolean
  act: (form: HTMLFormElement) => Promise<unknown>
  onClose: () => void
  children?: ReactNode | ((problem: unknown) => ReactNode)
}) {
  const say = useWords(commonWords)
  const [problem, setProblem] = useState<unknown>()
  const acting = useSubmit(act, {
    onSuccess: () => {
      toastDone(done)
      onClose()
    },
    onError: setProblem,
  })
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': say('close') }}>
      <ApiForm
        problem={problem}
        fields={fields}
        pending={acting.isPending}
        button={button}
        color={isDangerous ? 'red.9' : undefined}
        onSubmit={(form) => {
          setProblem(undefined)
          if (mayAct?.(form) ?? true) acting.mutate(form)
        }}
      >
        {text ? <Text size="sm">{text}</Text> : null}
        {typeof children === 'function' ? children(problem) : children}
      </ApiForm>
    </Modal>
  )
}
