import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'

/** A password's field, with a button that shows what was typed. Mantine's does not say that it is wrong. */
export function Password(props: PasswordInputProps) {
  const say = useWords(commonWords)
  return (
    <PasswordInput
      required
      withAsterisk={false}
      autoCapitalize="none"
      spellCheck={false}
      visibilityToggleButtonProps={{ 'aria-label': say('showPassword'), tabIndex: 0 }}
      aria-invalid={props.error ? true : undefined}
      {...props}
    />
  )
}
