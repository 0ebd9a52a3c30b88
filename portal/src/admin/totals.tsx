import type { Overview } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../words/admin-figures.ts'
import { useWords } from '../words/use-words.ts'
import { Facts } from './facts.tsx'

/** Everything there is, whatever the period. */
export function Totals({ totals }: { totals: Overview['totals'] }) {
  const say = useWords(figuresWords)
  const { number } = useFormats()
  return (
    <Panel title={say('totals')}>
      <Facts
        facts={[
          { word: say('users'), value: number(totals.users) },
          { word: say('codes'), value: number(totals.codes) },
          { word: say('codesActive'), value: number(totals.codes_active) },
          { word: say('referralsConfirmed'), value: number(totals.referrals_confirmed) },
          { word: say('referralsPending'), value: number(totals.referrals_pending) },
          { word: say('referralsReview'), value: number(totals.referrals_review) },
          { word: say('referralsRefused'), value: number(totals.referrals_refused) },
        ]}
      />
    </Panel>
  )
}
