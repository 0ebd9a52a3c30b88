import { useMediaQuery } from '@mantine/hooks'
import { memo, type ReactNode } from 'react'
import table from '../blocks/table.module.css'
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
  /** The first names the item, and leads to it. */
  columns: Column<T>[]
}

/** Items as a table, where there is little room as cards; not drawn again while they are the same. */
export const Rows = memo(EitherRows) as typeof EitherRows

function EitherRows<T extends { id: string }>(props: Props<T>) {
  const isWide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false })
  return isWide ? <Wide {...props} /> : <Cards {...props} />
}

function Wide<T extends { id: string }>({ label, items, columns }: Props<T>) {
  const classOf = ({ isNumber }: Column<T>) =>
    isNumber ? `${table['end']} ${table['number']}` : undefined
  return (
    <table className={table['table']} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.head} className={classOf(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id}>
            {columns.map((column) => (
              <td key={column.head} className={classOf(column)}>
                {column.cell(item)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cards<T extends { id: string }>({ label, items, columns: [first, ...rest] }: Props<T>) {
  return (
    <ul className={styles['cards']} aria-label={label}>
      {items.map((item) => (
        <li key={item.id}>
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
