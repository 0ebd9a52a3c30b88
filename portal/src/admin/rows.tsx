import { Table } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { ReactNode } from 'react'
import styles from './admin.module.css'

export interface Column<T> {
  head: string
  cell: (item: T) => ReactNode
  /** Numbers stand at the right. */
  isNumber?: boolean
  /** It says by itself what it is, and has no name on a card. */
  isPlain?: boolean
}

interface Props<T> {
  label: string
  items: T[]
  keyOf: (item: T) => string
  /** The first names the item, and leads to it. */
  columns: Column<T>[]
  /** They are those of the page before, until the next one is there. */
  isOld?: boolean
}

/** Items as a table, where there is little room as cards. */
export function Rows<T>(props: Props<T>) {
  const isWide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false })
  return isWide ? <Wide {...props} /> : <Cards {...props} />
}

function Wide<T>({ label, items, keyOf, columns, isOld }: Props<T>) {
  return (
    <Table highlightOnHover verticalSpacing="sm" aria-label={label} aria-busy={isOld}>
      <Table.Thead>
        <Table.Tr>
          {columns.map(({ head, isNumber }) => (
            <Table.Th key={head} ta={isNumber ? 'end' : 'start'} className={styles['head']}>
              {head}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((item) => (
          <Table.Tr key={keyOf(item)}>
            {columns.map(({ head, cell, isNumber }) => (
              <Table.Td
                key={head}
                ta={isNumber ? 'end' : 'start'}
                className={isNumber ? styles['number'] : undefined}
              >
                {cell(item)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Cards<T>({ label, items, keyOf, columns: [first, ...rest], isOld }: Props<T>) {
  return (
    <ul className={styles['cards']} aria-label={label} aria-busy={isOld}>
      {items.map((item) => (
        <li key={keyOf(item)}>
          {first?.cell(item)}
          <dl className={styles['facts']}>
            {rest.map(({ head, cell, isPlain }) => {
              const content = cell(item)
              if (content === null) return null
              return (
                <div key={head}>
                  <dt className={isPlain ? styles['unseen'] : undefined}>{head}</dt>
                  <dd>{content}</dd>
                </div>
              )
            })}
          </dl>
        </li>
      ))}
    </ul>
  )
}
