import { SegmentedControl } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { exportAllReferrals } from '../api/client.gen.ts'
import { ScreenSkeleton } from '../blocks/skeletons.tsx'
import { Page } from '../layout/page.tsx'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { useAddress } from './address.ts'
import { ReferralTable } from './referral-table.tsx'
import { SaveMenu } from './save-menu.tsx'
import { STATUSES } from './statuses.tsx'

const VIEWS = ['table', 'tree', 'picture'] as const

const TreeView = lazy(async () => ({ default: (await import('./tree-view.tsx')).TreeView }))

/** Who came by whom: as a table, as a tree, as a picture of the tree. */
export function AllReferrals() {
  const say = useWords(allReferralsWords)
  const address = useAddress()
  const view = address.oneOf('view', VIEWS) ?? 'table'
  const query = {
    status: address.oneOf('status', STATUSES),
    referrer_id: address.text('referrer'),
    code: address.text('code'),
  }
  return (
    <Page
      title={say('allReferrals')}
      aside={
        view === 'table' ? (
          <SaveMenu
            name="referrals"
            save={(format) => exportAllReferrals({ query: { ...query, format } })}
          />
        ) : null
      }
    >
      <SegmentedControl
        mb="md"
        aria-label={say('views')}
        value={view}
        data={VIEWS.map((value) => ({ value, label: say(value) }))}
        onChange={(next) => address.change({ view: next === 'table' ? undefined : next })}
      />
      {view === 'table' ? (
        <ReferralTable address={address} />
      ) : (
        <Suspense fallback={<ScreenSkeleton />}>
          <TreeView address={address} isPicture={view === 'picture'} />
        </Suspense>
      )}
    </Page>
  )
}
