import { Text } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  memo,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { useLocation } from 'wouter'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { addressOf, usePersonName } from './people.tsx'
import { keyMove } from './tree-keys.ts'
import type { PersonRow, Row } from './tree-rows.ts'
import type { Tree } from './tree-store.ts'
import { TreePerson } from './tree-person.tsx'
import styles from './tree.module.css'

const ROW = 52
const MARGIN = 8

/**
 * The tree as a list (WAI-ARIA tree): only the rows that are seen are on the page, so that ten thousand are as
 * quick as ten.
 */
export function TreeList({ tree, rows }: { tree: Tree; rows: Row[] }) {
  const say = useWords(allReferralsWords)
  const [, navigate] = useLocation()
  const nameOf = usePersonName()
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [activeKey, setActiveKey] = useState<string>()
  const { from, to, onScroll } = useWindow(box, rows.length)
  const active = Math.max(
    0,
    rows.findIndex((row) => row.key === activeKey),
  )

  const go = (index: number) => {
    const row = rows[index]
    if (!row) return
    setActiveKey(row.key)
    reveal(box.current!, index)
  }
  const act = (row: Row) => void (row.kind === 'more' ? tree.more(row.of) : tree.toggle(row.key))
  const onKeyDown = (event: KeyboardEvent) => {
    const move = keyMove(event, { rows, active, nameOf })
    if (!move) return
    event.preventDefault()
    if (move.kind === 'go') go(move.index)
    else if (move.kind === 'toggle') act(move.row)
    else navigate(addressOf(move.row.key))
  }
  const onClick = ({ target }: MouseEvent) => {
    const place = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
    const row = rows[Number(place?.dataset['index'])]
    if (!row) return
    box.current?.focus({ preventScroll: true })
    setActiveKey(row.key)
    if (row.kind === 'more' || row.isExpandable) act(row)
  }
  // A row that is gone after its page came leaves the focus where it stood.
  const shown = rows.slice(from, to)
  const isActiveShown = active >= from && active < to
  const deepest = shown.reduce((most, row) => Math.max(most, row.level), 0)
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs" id={`${id}-hint`}>
        {say('treeHint')}
      </Text>
      <div
        ref={box}
        className={styles['box']}
        role="tree"
        aria-label={say('treeLabel')}
        aria-describedby={`${id}-hint`}
        tabIndex={0}
        aria-activedescendant={isActiveShown ? `${id}-${active}` : undefined}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onScroll={onScroll}
      >
        <div
          role="presentation"
          className={styles['rows']}
          style={{ height: rows.length * ROW, '--deepest': deepest } as CSSProperties}
        >
          {shown.map((row, place) => {
            const index = from + place
            return (
              <TreeRow
                key={row.key}
                id={`${id}-${index}`}
                row={row}
                index={index}
                isActive={index === active}
              />
            )
          })}
        </div>
      </div>
    </>
  )
}

// Those that stay are not made again while one scrolls.
const TreeRow = memo(function TreeRow({
  id,
  row,
  index,
  isActive,
}: {
  id: string
  row: Row
  index: number
  isActive: boolean
}) {
  const say = useWords(allReferralsWords)
  return (
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      data-index={index}
      aria-level={row.level}
      aria-selected={isActive}
      {...ariaOf(row)}
      className={styles['row']}
      style={{ top: index * ROW, '--level': row.level - 1 } as CSSProperties}
    >
      {row.kind === 'more' ? (
        <span className={styles['more']}>{say('showMore', { count: row.count })}</span>
      ) : (
        <>
          <ChevronRight
            size={18}
            aria-hidden
            className={styles['sign']}
            data-open={row.isOpen}
            data-leaf={!row.isExpandable}
          />
          <TreePerson node={row.node} />
        </>
      )}
    </div>
  )
})

const ariaOf = (row: Row) => (row.kind === 'more' ? {} : placeOf(row))

const placeOf = ({ isExpandable, isOpen, position, size }: PersonRow) => ({
  'aria-posinset': position,
  'aria-setsize': size,
  ...(isExpandable && { 'aria-expanded': isOpen }),
})

/** Which rows are seen, with some before and after. */
function useWindow(box: RefObject<HTMLDivElement | null>, count: number) {
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(900)
  useEffect(() => {
    const observer = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 900))
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [box])
  const from = Math.max(0, Math.floor(top / ROW) - MARGIN)
  return {
    from,
    to: Math.min(count, Math.ceil((top + height) / ROW) + MARGIN),
    onScroll: () => setTop(box.current?.scrollTop ?? 0),
  }
}

function reveal(box: HTMLElement, index: number): void {
  const top = index * ROW
  if (top < box.scrollTop) box.scrollTop = top
  else if (top + ROW > box.scrollTop + box.clientHeight)
    box.scrollTop = top + ROW - box.clientHeight
}
