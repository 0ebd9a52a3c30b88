import { Button, Paper } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { exportReferrals, listReferrals, type Referral } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Pager } from '../blocks/pager.tsx'
import { saveFile } from '../blocks/save-file.ts'
import { useSubmit } from '../blocks/submit.ts'
import { toastProblem } from '../blocks/toasts.tsx'
import { Page } from '../layout/page.tsx'
import { commonWords } from '../../../src/words/common.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { Nobody } from './nobody.tsx'
import { ReferralFilters } from './referral-filters.tsx'
import { ReferralRows } from './referral-rows.tsx'
import styles from './referrals.module.css'
import { type Status, useFilters } from './use-filters.ts'

const SIZE = 20

const ReferralDrawer = lazy(async () => ({
  default: (await import('./referral-drawer.tsx')).ReferralDrawer,
}))

/** Who came by my codes: to search, to look through, and to take away as a table. */
export function Referrals() {
  const say = useWords(commonWords)
  const filters = useFilters()
  const { page, ...found } = filters.values
  const [opened, setOpened] = useState<Referral>()
  const referrals = useQuery({
    ...ask(listReferrals, { path: { user_id: 'me' }, query: { ...found, page, size: SIZE } }),
    placeholderData: keepPreviousData,
  })
  return (
    <Page title={say('referrals')} aside={<SaveCsv filters={found} />}>
      <ReferralFilters filters={filters} />
      <Block query={referrals}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Nobody isFiltered={filters.isFiltered} onClear={filters.clear} />
          ) : (
            <Paper radius="lg" p={{ base: 0, sm: 'sm' }} className={styles['list']}>
              <ReferralRows items={items} isOld={referrals.isPlaceholderData} onOpen={setOpened} />
              <Pager page={page} size={SIZE} total={total} onPage={filters.turnTo} />
            </Paper>
          )
        }
      </Block>
      <Suspense>
        {opened ? <ReferralDrawer referral={opened} onClose={() => setOpened(undefined)} /> : null}
      </Suspense>
    </Page>
  )
}

function SaveCsv({ filters: { status } }: { filters: { status: Status | undefined } }) {
  const say = useWords(referrerWords)
  const saving = useSubmit(() => exportReferrals({ path: { user_id: 'me' }, query: { status } }), {
    onSuccess: (file) => saveFile(file, `referrals${status ? `-${status}` : ''}.csv`),
    onError: toastProblem,
  })
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Download size={16} />}
      loading={saving.isPending}
      onClick={() => saving.mutate(undefined)}
    >
      {say('csv')}
    </Button>
  )
}
