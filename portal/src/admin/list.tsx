import { Button, Group, Paper, Text } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { type ComponentProps, type ReactNode, useDeferredValue } from 'react'
import { Block } from '../blocks/block.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import type { Address } from './address.ts'
import styles from './admin.module.css'
import { type Column, Rows } from './rows.tsx'

export interface ListPage<T> {
  items: T[]
  total: number
  total_is_exact?: boolean
  next_cursor: string | null
}

/** A long list that the service narrows and cuts into pages: its rows, how many there are, the way on. */
export function List<T extends { id: string }>({
  label,
  query,
  address,
  columns,
  empty,
}: {
  label: string
  query: UseQueryResult<ListPage<T>>
  address: Address
  columns: Column<T>[]
  /** Shown where there is nothing at all. */
  empty: ReactNode
}) {
  return (
    <Block query={query}>
      {(page) =>
        page.items.length === 0 ? (
          <Paper withBorder radius="lg" p="xl" ta="center">
            {empty}
          </Paper>
        ) : (
          <Paper
            radius="lg"
            p={{ base: 0, md: 'sm' }}
            className={styles['list']}
            aria-busy={query.isPlaceholderData}
          >
            <Later label={label} items={page.items} columns={columns} />
            <Steps page={page} address={address} />
          </Paper>
        )
      }
    </Block>
  )
}

// What was pressed is shown before the rows that it leads to are drawn.
function Later<T extends { id: string }>({ items, ...rest }: ComponentProps<typeof Rows<T>>) {
  return <Rows items={useDeferredValue(items)} {...rest} />
}

/** Nothing fits the filters: says so, and takes them away. */
export function NothingFits({
  onClear,
  text,
}: {
  onClear?: (() => void) | undefined
  text: string
}) {
  const say = useWords(adminWords)
  return (
    <>
      <Text mb={onClear ? 'sm' : 0}>{text}</Text>
      {onClear ? (
        <Button variant="default" size="xs" onClick={onClear}>
          {say('clearFilters')}
        </Button>
      ) : null}
    </>
  )
}

// Which page led to which, as long as this window is open: the service knows the way on alone.
const before = new Map<string, string | undefined>()

function Steps<T>({ page, address }: { page: ListPage<T>; address: Address }) {
  const say = useWords(adminWords)
  const cursor = address.text('cursor')
  const { total, total_is_exact = true, next_cursor } = page
  const found = total_is_exact ? say('found', { count: total }) : say('foundMore', { count: total })
  const goOn = () => {
    if (!next_cursor) return
    before.set(next_cursor, cursor)
    address.change({ cursor: next_cursor })
  }
  return (
    <Group
      component="nav"
      aria-label={say('pages')}
      justify="space-between"
      gap="xs"
      mt="md"
      px={{ base: 0, md: 'xs' }}
    >
      <Text size="sm" c="dimmed" component="output">
        {found}
      </Text>
      {cursor || next_cursor ? (
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            disabled={!cursor}
            onClick={() => address.change({ cursor: cursor && before.get(cursor) })}
          >
            {cursor && !before.has(cursor) ? say('toFirst') : say('previous')}
          </Button>
          <Button size="xs" variant="default" disabled={!next_cursor} onClick={goOn}>
            {say('next')}
          </Button>
        </Group>
      ) : null}
    </Group>
  )
}
