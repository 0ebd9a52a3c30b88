import type { Overview } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
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
          { word: say('pending'), value: number(totals.referrals_pending) },
          { word: say('review'), value: number(totals.referrals_review) },
          { word: say('refused'), value: number(totals.referrals_refused) },
        ]}
      />
    </Panel>
  )
}
