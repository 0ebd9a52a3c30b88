import { NativeSelect } from '@mantine/core'
import { valueOf } from '../blocks/form.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { type Decision, decide, GIVEN_REASONS } from './decisions.ts'
import { ActDialog } from './dialog.tsx'
import { usePersonName } from './people.tsx'

/** Asks before a referral is let count or refused; for a refusal, why. */
export function DecisionDialog({ decision, onClose }: { decision: Decision; onClose: () => void }) {
  const say = useWords(allReferralsWords)
  const nameOf = usePersonName()
  const { kind, referral } = decision
  const name = nameOf(referral.referred)
  const act = (form: HTMLFormElement) => {
    const reason = GIVEN_REASONS.find((one) => one === valueOf(form, 'reason')) ?? 'other'
    return decide(decision, reason)
  }
  return (
    <ActDialog
      title={say(`${kind}Title`, { name })}
      text={say(`${kind}Text`)}
      button={kind === 'confirm' ? say('letCount') : say('refuse')}
      isDangerous={kind === 'refuse'}
      done={say(kind === 'confirm' ? 'confirmedDone' : 'refusedDone', { name })}
      act={act}
      onClose={onClose}
    >
      {kind === 'refuse' ? (
        <NativeSelect
          name="reason"
          label={say('reason')}
          data-autofocus
          data={GIVEN_REASONS.map((value) => ({ value, label: say(value) }))}
        />
      ) : null}
    </ActDialog>
  )
}
