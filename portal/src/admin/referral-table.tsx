import { Button, Group, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { type AdminReferral, getUser, listAllReferrals } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { adminWords } from '../../../src/words/admin.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import type { Address } from './address.ts'
import bar from '../blocks/filters.module.css'
import { Chips } from '../blocks/chips.tsx'
import type { Decision } from './decisions.ts'
import { FilterMark } from './filter-mark.tsx'
import { List, NothingFits } from './list.tsx'
import { Ago } from './moment.tsx'
import { PersonCell, PersonLink, usePersonName } from './people.tsx'
import type { Column } from './rows.tsx'
import { SearchField } from '../blocks/search-field.tsx'
import { StatusBadge, STATUSES } from './statuses.tsx'

const SIZE = 25

const DecisionDialog = lazy(async () => ({
  default: (await import('./decision-dialog.tsx')).DecisionDialog,
}))

/** Everybody who came by a code, to search, to narrow and to decide on. */
export function ReferralTable({ address }: { address: Address }) {
  const say = useWords(allReferralsWords)
  const sayAdmin = useWords(adminWords)
  const [decision, setDecision] = useState<Decision>()
  const columns = useColumns(setDecision)
  const filters = {
    q: address.text('q'),
    status: address.oneOf('status', STATUSES),
    referrer_id: address.text('referrer'),
    code: address.text('code'),
  }
  const query = { ...filters, cursor: address.text('cursor'), size: SIZE }
  const referrals = useQuery({
    ...ask(listAllReferrals, { query }),
    placeholderData: keepPreviousData,
  })
  const isFiltered = Object.values(filters).some((value) => value !== undefined)
  const clear = () =>
    address.change({ q: undefined, status: undefined, referrer: undefined, code: undefined })
  return (
    <>
      <div className={bar['filters']}>
        <SearchField
          q={address.text('q')}
          label={say('searchReferrals')}
          onSearch={address.search}
        />
        <Chips
          label={say('filterStatus')}
          chosen={filters.status}
          options={[
            { value: undefined, label: sayAdmin('all') },
            ...STATUSES.map((value) => ({ value, label: say(value) })),
          ]}
          onChoose={(status) => address.change({ status })}
        />
        <Marks address={address} referrerId={filters.referrer_id} code={filters.code} />
      </div>
      <List
        label={sayAdmin('referrals')}
        query={referrals}
        address={address}
        columns={columns}
        empty={
          <NothingFits
            text={isFiltered ? sayAdmin('nothingFits') : say('noReferrals')}
            onClear={isFiltered ? clear : undefined}
          />
        }
      />
      <Suspense>
        {decision ? (
          <DecisionDialog decision={decision} onClose={() => setDecision(undefined)} />
        ) : null}
      </Suspense>
    </>
  )
}

function Marks({
  address,
  referrerId,
  code,
}: {
  address: Address
  referrerId: string | undefined
  code: string | undefined
}) {
  const say = useWords(allReferralsWords)
  const nameOf = usePersonName()
  const { data: referrer } = useQuery({
    ...ask(getUser, { path: { user_id: referrerId ?? '' } }),
    enabled: referrerId !== undefined,
  })
  return (
    <>
      {referrer ? (
        <FilterMark
          text={say('onlyOf', { name: nameOf(referrer) })}
          onTakeAway={() => address.change({ referrer: undefined })}
        />
      ) : null}
      {code ? (
        <FilterMark
          text={say('onlyCode', { code })}
          onTakeAway={() => address.change({ code: undefined })}
        />
      ) : null}
    </>
  )
}

function useColumns(onDecide: (decision: Decision) => void): Column<AdminReferral>[] {
  const say = useWords(allReferralsWords)
  return useMemo(
    () => [
      { head: say('friend'), cell: ({ referred }) => <PersonCell person={referred} /> },
      {
        head: say('status'),
        isPlain: true,
        cell: ({ status, reason }) => (
          <>
            <StatusBadge status={status} />
            {reason ? (
              <Text size="xs" c="dimmed" mt={4}>
                {say(reason)}
              </Text>
            ) : null}
          </>
        ),
      },
      {
        head: say('referrer'),
        cell: ({ referrer, code }) => (
          <>
            <PersonLink person={referrer} />
            <Text size="xs" c="dimmed" ff="monospace">
              {code}
            </Text>
          </>
        ),
      },
      { head: say('joined'), cell: ({ created_at }) => <Ago at={created_at} /> },
      {
        head: say('decide'),
        isPlain: true,
        cell: (referral) => <Decide referral={referral} onDecide={onDecide} />,
      },
    ],
    [say, onDecide],
  )
}

function Decide({
  referral,
  onDecide,
}: {
  referral: AdminReferral
  onDecide: (decision: Decision) => void
}) {
  const say = useWords(allReferralsWords)
  const { status } = referral
  const mayConfirm = status === 'review' || status === 'refused'
  const emphasis = status === 'review' ? 'light' : 'default'
  return (
    <Group gap={6} wrap="nowrap">
      {mayConfirm ? (
        <Button
          size="compact-sm"
          variant={emphasis}
          onClick={() => onDecide({ kind: 'confirm', referral })}
        >
          {say('letCount')}
        </Button>
      ) : null}
      {status === 'refused' ? null : (
        <Button
          size="compact-sm"
          variant={emphasis}
          color="red"
          onClick={() => onDecide({ kind: 'refuse', referral })}
        >
          {say('refuse')}
        </Button>
      )}
    </Group>
  )
}
