import { Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { CalendarPlus, PowerOff } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { Code } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { useShortcut } from '../shortcuts.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { type CodeState, isOver, useCodeState } from './codes.ts'
import { CopyLink } from './copy-link.tsx'
import { CreateCode } from './create-code.tsx'
import { Expiry } from './expiry.tsx'
import styles from './home.module.css'
import { Qr } from './qr.tsx'
import { retireSoon } from './retiring.ts'
import { Share } from './share.tsx'
import { StateBadge } from './state-badge.tsx'
import { useNow } from './use-now.ts'

const ExtendDialog = lazy(async () => ({
  default: (await import('./extend-dialog.tsx')).ExtendDialog,
}))

/** The newest code in its state, and the way to the next one once it is over. */
export function CodeCard({ newest }: { newest: Code | undefined }) {
  const [hasCreated, setCreated] = useState(false)
  const [wantsNew, setWantsNew] = useState(false)
  const codeState = useCodeState()
  const onCreated = () => {
    setCreated(true)
    setWantsNew(false)
  }
  if (!newest || wantsNew) return <CreateCode onCreated={onCreated} isAskedFor={wantsNew} />
  const state = codeState(newest)
  return isOver(state) ? (
    <EndedCode code={newest} state={state} onNew={() => setWantsNew(true)} />
  ) : (
    <ActiveCode code={newest} state={state} isNew={hasCreated} />
  )
}

function ActiveCode({ code, state, isNew }: { code: Code; state: CodeState; isNew: boolean }) {
  const say = useWords(referrerWords)
  const [isExtending, setExtending] = useState(false)
  const copy = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isNew) copy.current?.focus()
  }, [isNew])
  return (
    <Paper
      withBorder
      radius="lg"
      p={{ base: 'md', xs: 'lg' }}
      component="section"
      aria-label={say('yourCode')}
    >
      <div className={styles['active']}>
        <div className={styles['facts']}>
          <Group gap="sm">
            <StateBadge state={state} />
            <Expiry code={code} />
          </Group>
          <Title order={2} className={styles['code']}>
            {code.code}
          </Title>
          <div className={styles['link']}>
            <TextInput
              readOnly
              size="md"
              aria-label={say('yourLink')}
              value={code.url}
              onFocus={({ currentTarget }) => currentTarget.select()}
              classNames={{ root: styles['address']!, input: styles['mono']! }}
            />
            <CopyLink ref={copy} url={code.url} size="md" px="md" />
          </div>
          <Share code={code} />
        </div>
        <Qr code={code} />
      </div>
      <Group gap="xs" mt="lg">
        <Button
          variant="light"
          leftSection={<CalendarPlus size={18} />}
          onClick={() => setExtending(true)}
        >
          {say('extend')}
        </Button>
        <Button
          variant="subtle"
          color="red"
          leftSection={<PowerOff size={18} />}
          onClick={() => retireSoon(code.code, say('retiredDone', { code: code.code }))}
        >
          {say('deactivate')}
        </Button>
      </Group>
      <Suspense>
        {isExtending ? (
          <ExtendDialog now={code.expires_at} onClose={() => setExtending(false)} />
        ) : null}
      </Suspense>
    </Paper>
  )
}

function EndedCode({ code, state, onNew }: { code: Code; state: CodeState; onNew: () => void }) {
  const say = useWords(referrerWords)
  const { dateTime } = useFormats()
  const now = useNow(60_000)
  useShortcut('n', say('createNew'), onNew)
  // While it can be taken back, it is not known yet when it was.
  const at = state === 'expired' ? code.expires_at : (code.retired_at ?? new Date(now))
  const when = dateTime(at)
  return (
    <Paper
      withBorder
      radius="lg"
      p={{ base: 'md', xs: 'lg' }}
      component="section"
      aria-label={say('yourCode')}
    >
      <Stack align="flex-start">
        <StateBadge state={state} />
        <Title order={2} className={styles['code']}>
          <s>{code.code}</s>
        </Title>
        <Text fw={600}>
          {state === 'expired' ? say('endedOn', { when }) : say('retiredOn', { when })}
        </Text>
        <Text c="dimmed">{say('endedMeaning')}</Text>
        <Button onClick={onNew}>{say('createNew')}</Button>
      </Stack>
    </Paper>
  )
}
