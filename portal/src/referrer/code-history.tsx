import { Text } from '@mantine/core'
import table from '../blocks/table.module.css'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Code } from '../api/client.gen.ts'
import { Block } from '../blocks/block.tsx'
import { Pager } from '../blocks/pager.tsx'
import { Panel } from '../blocks/panel.tsx'
import { useFormats } from '../formats.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { CODES_SIZE, type CodeState, codesPage, useCodeState } from './codes.ts'
import styles from './home.module.css'
import { StateBadge } from './state-badge.tsx'

/** Every code there was, the newest first. */
export function CodeHistory() {
  const say = useWords(referrerWords)
  const [page, setPage] = useState(1)
  const codeState = useCodeState()
  const codes = useQuery({ ...codesPage(page), placeholderData: keepPreviousData })
  return (
    <Panel title={say('history')}>
      <Block query={codes}>
        {({ items, total }) => (
          <>
            <table
              className={`${table['table']} ${styles['history']}`}
              aria-busy={codes.isPlaceholderData}
            >
              <thead>
                <tr>
                  <th>{say('code')}</th>
                  <th>{say('state')}</th>
                  <th className={table['end']}>{say('uses')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((code) => (
                  <Row key={code.id} code={code} state={codeState(code)} />
                ))}
              </tbody>
            </table>
            <Pager page={page} size={CODES_SIZE} total={total} onPage={setPage} />
          </>
        )}
      </Block>
    </Panel>
  )
}

function Row({ code, state }: { code: Code; state: CodeState }) {
  const { dates, number } = useFormats()
  const end = code.retired_at ?? code.expires_at
  return (
    <tr>
      <td>
        <Text ff="monospace" fw={600} size="sm">
          {code.code}
        </Text>
        <Text size="xs" c="dimmed">
          {dates(code.created_at, end)}
        </Text>
      </td>
      <td>
        <StateBadge state={state} size="md" />
      </td>
      <td className={table['end']}>{number(code.uses)}</td>
    </tr>
  )
}
