import { Button, Group, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { type AdminCode, exportAllCodes, listAllCodes } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { useFormats } from '../formats.ts'
import { Page } from '../layout/page.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { useAddress } from './address.ts'
import styles from './admin.module.css'
import bar from '../blocks/filters.module.css'
import { Chips } from '../blocks/chips.tsx'
import type { CodeAct } from './code-dialogs.tsx'
import { List, NothingFits } from './list.tsx'
import { Ago, Day } from './moment.tsx'
import { PersonLink } from './people.tsx'
import type { Column } from './rows.tsx'
import { SaveMenu } from './save-menu.tsx'
import { SearchField } from '../blocks/search-field.tsx'
import { StateBadge, STATES } from './statuses.tsx'

const SIZE = 25

const CodeDialog = lazy(async () => ({ default: (await import('./code-dialogs.tsx')).CodeDialog }))

/** The codes of everybody: to search, to extend and to switch off. */
export function Codes() {
  const say = useWords(allReferralsWords)
  const sayAdmin = useWords(adminWords)
  const address = useAddress()
  const [act, setAct] = useState<CodeAct>()
  const columns = useColumns(setAct)
  const state = address.oneOf('state', STATES)
  const q = address.text('q')
  const query = { q, state, cursor: address.text('cursor'), size: SIZE }
  const codes = useQuery({ ...ask(listAllCodes, { query }), placeholderData: keepPreviousData })
  const isFiltered = q !== undefined || state !== undefined
  return (
    <Page
      title={say('codes')}
      aside={
        <SaveMenu name="codes" save={(format) => exportAllCodes({ query: { state, format } })} />
      }
    >
      <div className={bar['filters']}>
        <SearchField q={address.text('q')} label={say('searchCodes')} onSearch={address.search} />
        <Chips
          label={say('filterState')}
          chosen={state}
          options={[
            { value: undefined, label: sayAdmin('all') },
            ...STATES.map((value) => ({ value, label: say(value) })),
          ]}
          onChoose={(next) => address.change({ state: next })}
        />
      </div>
      <List
        label={say('codes')}
        query={codes}
        address={address}
        columns={columns}
        empty={
          <NothingFits
            text={isFiltered ? sayAdmin('nothingFits') : say('noCodes')}
            onClear={
              isFiltered ? () => address.change({ q: undefined, state: undefined }) : undefined
            }
          />
        }
      />
      <Suspense>{act ? <CodeDialog act={act} onClose={() => setAct(undefined)} /> : null}</Suspense>
    </Page>
  )
}

function useColumns(onAct: (act: CodeAct) => void): Column<AdminCode>[] {
  const say = useWords(allReferralsWords)
  const { number } = useFormats()
  return useMemo(
    () => [
      {
        head: say('code'),
        cell: ({ code, owner }) => (
          <>
            <code className={styles['code']}>{code}</code>
            <Text size="sm" component="div">
              <PersonLink person={owner} />
            </Text>
          </>
        ),
      },
      { head: say('state'), isPlain: true, cell: ({ state }) => <StateBadge state={state} /> },
      { head: say('registrations'), isNumber: true, cell: ({ uses }) => number(uses) },
      { head: say('created'), cell: ({ created_at }) => <Ago at={created_at} /> },
      { head: say('expires'), cell: ({ expires_at }) => <Day at={expires_at} /> },
      {
        head: say('change'),
        isPlain: true,
        cell: (code) =>
          code.is_active ? (
            <Group gap={6} wrap="nowrap">
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => onAct({ kind: 'extend', code })}
              >
                {say('extend')}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => onAct({ kind: 'retire', code })}
              >
                {say('retire')}
              </Button>
            </Group>
          ) : null,
      },
    ],
    [say, number, onAct],
  )
}
