import type { PasswordInputProps } from '@mantine/core'
import { useState } from 'react'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import { Password } from './password.tsx'
import { strengthOf } from './strength.ts'

/** A field for a password to be set: says how good it is in words while it is typed. The service decides. */
export function NewPassword(props: PasswordInputProps) {
  const say = useWords(publicWords)
  const [typed, setTyped] = useState('')
  const strength = strengthOf(typed)
  const hint =
    strength === 'none'
      ? say('passwordHint')
      : typeof strength === 'number'
        ? say('strengthMissing', { count: strength })
        : say(strength)
  return (
    <Password
      autoComplete="new-password"
      description={props.error ? undefined : <span aria-live="polite">{hint}</span>}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      {...props}
    />
  )
}
