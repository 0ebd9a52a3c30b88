import type { Person } from '../api/client.gen.ts'
import type { PersonRow, Row } from './tree-rows.ts'

interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

type Move =
  | { kind: 'go'; index: number }
  | { kind: 'toggle'; row: Row }
  | { kind: 'visit'; row: PersonRow }

interface At {
  rows: Row[]
  active: number
  nameOf: (person: Person) => string
}

/** What a key does in a tree, as the WAI-ARIA patterns have it; Enter opens the person's page. */
export function keyMove(pressed: Pressed, at: At): Move | undefined {
  const { rows, active } = at
  const row = rows[active]
  if (!row || pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined
  const go = (index: number): Move => ({
    kind: 'go',
    index: Math.min(Math.max(index, 0), rows.length - 1),
  })
  switch (pressed.key) {
    case 'ArrowDown':
      return go(active + 1)
    case 'ArrowUp':
      return go(active - 1)
    case 'Home':
      return go(0)
    case 'End':
      return go(rows.length - 1)
    case 'PageDown':
      return go(active + 10)
    case 'PageUp':
      return go(active - 10)
    case 'ArrowRight':
      return moveRight(row, go(active + 1))
    case 'ArrowLeft':
      return isOpen(row) ? { kind: 'toggle', row } : go(Math.max(row.parent, 0))
    case ' ':
      return { kind: 'toggle', row }
    case 'Enter':
      return row.kind === 'more' ? { kind: 'toggle', row } : { kind: 'visit', row }
    default:
      return findByLetter(pressed.key, at)
  }
}

const isOpen = (row: Row) => row.kind === 'person' && row.isOpen

function moveRight(row: Row, next: Move): Move | undefined {
  if (isOpen(row)) return next
  return row.kind === 'more' || row.isExpandable ? { kind: 'toggle', row } : undefined
}

function findByLetter(key: string, { rows, active, nameOf }: At): Move | undefined {
  if (!/^[\p{L}\d]$/u.test(key)) return undefined
  const letter = key.toLowerCase()
  const begins = (row: Row) =>
    row.kind === 'person' && nameOf(row.node).toLowerCase().startsWith(letter)
  const after = rows.findIndex((row, index) => index > active && begins(row))
  const index = after >= 0 ? after : rows.findIndex(begins)
  return index >= 0 ? { kind: 'go', index } : undefined
}
