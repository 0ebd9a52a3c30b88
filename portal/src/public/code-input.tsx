import { Alert, Button, Loader, Text, TextInput } from '@mantine/core'
import { Check } from 'lucide-react'
import { publicWords } from '../../../src/words/public.ts'
import { useWords } from '../use-words.ts'
import type { CodeField, CodeState } from './code-check.ts'
import styles from './code-input.module.css'

/** The referral code: upper-cased and checked on leaving the field, with a tick and the referrer's name. */
export function CodeInput({ code, error }: { code: CodeField; error: string | undefined }) {
  const say = useWords(publicWords)
  const { state } = code
  return (
    <TextInput
      label={say('referralCode')}
      description={<output>{hintOf(state)}</output>}
      classNames={{ input: styles['code']! }}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      value={code.text}
      onChange={({ currentTarget }) => code.type(currentTarget.value)}
      onBlur={code.check}
      rightSection={signOf(state)}
      error={error}
    />
  )

  function hintOf(state: CodeState): string {
    if (state.kind === 'checking') return say('codeChecking')
    if (state.kind === 'unchecked') return say('codeUnchecked')
    if (state.kind !== 'active') return code.text ? '' : say('codeHint')
    return state.name === null ? say('codeWorks') : say('codeOf', { name: state.name })
  }
}

function signOf(state: CodeState) {
  if (state.kind === 'checking') return <Loader size={16} />
  return state.kind === 'active' ? (
    <Check size={18} aria-hidden className={styles['tick']} />
  ) : undefined
}

/** Says that a code has had its day, and offers to go on without it. */
export function CodePanel({ code }: { code: CodeField }) {
  const say = useWords(publicWords)
  const { kind } = code.state
  if (kind !== 'expired' && kind !== 'retired' && kind !== 'unknown') return null
  const title = {
    expired: say('codeExpired'),
    retired: say('codeRetired'),
    unknown: say('codeUnknown'),
  }
  return (
    <Alert color="yellow" variant="light" role="alert" mb="md" title={title[kind]}>
      <Text size="sm" mb="sm">
        {kind === 'unknown' ? say('codeUnknownHint') : say('codeExpiredHint')}
      </Text>
      <Button size="xs" variant="default" onClick={() => code.clear()}>
        {say('goOnWithout')}
      </Button>
    </Alert>
  )
}
