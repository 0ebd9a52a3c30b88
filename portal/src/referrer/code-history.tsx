import { Text } from '@mantine/core'
import { Table } from '../blocks/table.tsx'
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
            <Table className={styles['history']} aria-busy={codes.isPlaceholderData}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{say('code')}</Table.Th>
                  <Table.Th>{say('state')}</Table.Th>
                  <Table.Th ta="end">{say('uses')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((code) => (
                  <Row key={code.id} code={code} state={codeState(code)} />
                ))}
              </Table.Tbody>
            </Table>
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
    <Table.Tr>
      <Table.Td>
        <Text ff="monospace" fw={600} size="sm">
          {code.code}
        </Text>
        <Text size="xs" c="dimmed">
          {dates(code.created_at, end)}
        </Text>
      </Table.Td>
      <Table.Td>
        <StateBadge state={state} size="md" />
      </Table.Td>
      <Table.Td ta="end">{number(code.uses)}</Table.Td>
    </Table.Tr>
  )
}
