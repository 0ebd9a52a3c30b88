import { Button, Stack } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { isProblem, type Problem } from '../api/problem.ts'
import { ProblemPanel } from './problem-panel.tsx'

export interface ApiFormProps {
  /** What the service refused, if it did. */
  problem: unknown
  /** The fields of the body that show what is wrong with them themselves. */
  fields: string[]
  pending: boolean
  button: string
  /** Of the button, where it is not what one does every day. */
  color?: string | undefined
  /** Shown in place of the panel where the caller knows better what helps. */
  panel?: ReactNode
  onSubmit: (form: HTMLFormElement) => void
  children: ReactNode
}

/**
 * A form that the service alone judges, in the language of the page: a browser would speak its own. What
 * was refused gets the focus, the first wrong field or the panel.
 */
export function ApiForm({
  problem,
  fields,
  pending,
  button,
  color,
  panel,
  onSubmit,
  children,
}: ApiFormProps) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (!problem) return
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')
    wrong?.focus()
  }, [problem])
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!pending) onSubmit(event.currentTarget)
      }}
    >
      <Stack>
        {panel ??
          (problem && !isShownBy(problem, fields) ? <ProblemPanel problem={problem} /> : null)}
        {children}
        <Button type="submit" loading={pending} {...(color && { color })}>
          {button}
        </Button>
      </Stack>
    </form>
  )
}

const isShownBy = (problem: unknown, fields: string[]) =>
  isProblem(problem) &&
  Boolean(problem.errors?.length) &&
  problem.errors!.every(({ pointer }) => fields.includes(pointer.slice(1)))

/** The problem as the service described it, for the words of its fields. */
export const asProblem = (error: unknown): Problem | undefined =>
  isProblem(error) ? error : undefined
