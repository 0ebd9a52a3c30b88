import { Drawer, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Check, Circle, X } from 'lucide-react'
import { explainReferral, type Explanation, type Referral } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { useFocusBack } from '../blocks/focus-back.ts'
import { useFormats } from '../formats.ts'
import { commonWords } from '../../../src/words/common.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { StatusBadge, useFriendName } from './friends.tsx'
import styles from './referrals.module.css'
import { type Step, useSteps } from './steps.ts'

/** One friend: what happened, what comes next, and why the referral is credited. */
export function ReferralDrawer({ referral, onClose }: { referral: Referral; onClose: () => void }) {
  useFocusBack()
  const say = useWords(commonWords)
  const nameOf = useFriendName()
  const explanation = useQuery(ask(explainReferral, { path: { id: referral.id } }))
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={nameOf(referral)}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <Stack>
        <StatusBadge status={referral.status} />
        {referral.username && referral.email ? <Text size="sm">{referral.email}</Text> : null}
        <Block query={explanation}>{(found) => <Story explanation={found} />}</Block>
      </Stack>
    </Drawer>
  )
}

function Story({ explanation }: { explanation: Explanation }) {
  const say = useWords(referrerWords)
  const steps = useSteps(explanation)
  const { reason, rule, status } = explanation
  return (
    <>
      {reason ? (
        <div>
          <Title order={3} size="h5" mb={4}>
            {say('reason')}
          </Title>
          <Text size="sm">{say(reason)}</Text>
        </div>
      ) : null}
      <div>
        <Title order={3} size="h5" mb="xs">
          {say('timeline')}
        </Title>
        <ol className={styles['steps']}>
          {steps.map((step) => (
            <OneStep key={`${step.text}${step.at}`} step={step} />
          ))}
        </ol>
      </div>
      {status === 'refused' ? null : (
        <div>
          <Title order={3} size="h5" mb={4}>
            {say('why')}
          </Title>
          <Text size="sm">{rule === 'explicit_code' ? say('whyExplicit') : say('whyFirst')}</Text>
        </div>
      )}
    </>
  )
}

const SIGNS = { done: Check, refused: X, next: Circle }

function OneStep({ step: { text, at, kind } }: { step: Step }) {
  const { dateTime } = useFormats()
  const Sign = SIGNS[kind]
  return (
    <li data-kind={kind}>
      <span className={styles['sign']}>
        <Sign size={14} aria-hidden />
      </span>
      <div>
        <Text size="sm" fw={kind === 'next' ? 400 : 600}>
          {text}
        </Text>
        {at ? (
          <Text size="xs" c="dimmed" component="time" dateTime={at}>
            {dateTime(at)}
          </Text>
        ) : null}
      </div>
    </li>
  )
}
