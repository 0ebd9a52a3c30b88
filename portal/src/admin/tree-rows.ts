import type { TreeNode } from '../api/client.gen.ts'

/** Those below somebody, as far as they are loaded. */
export interface Below {
  items: TreeNode[]
  next: string | null
  total: number
}

interface Place {
  key: string
  level: number
  /** The row of whom they are below; -1 at the roots. */
  parent: number
}

export interface PersonRow extends Place {
  kind: 'person'
  node: TreeNode
  isExpandable: boolean
  isOpen: boolean
  position: number
  size: number
}

/** Stands for those who are not loaded yet. */
export interface MoreRow extends Place {
  kind: 'more'
  of: string | null
  count: number
}

export type Row = PersonRow | MoreRow

/** Everything that is open, in the order in which it stands below one another. */
export function allRows(below: Map<string | null, Below>, open: Set<string>): Row[] {
  const rows: Row[] = []
  // A stack and not recursion: chains of thousands are possible.
  const waiting: { of: string | null; index: number; level: number; parent: number }[] = [
    { of: null, index: 0, level: 1, parent: -1 },
  ]
  for (let at = waiting.at(-1); at; at = waiting.at(-1)) {
    const found = below.get(at.of)
    const node = found?.items[at.index]
    if (!found || !node) {
      if (found?.next) rows.push(moreRow(found, at))
      waiting.pop()
      continue
    }
    const place = { level: at.level, parent: at.parent }
    rows.push(personRow(node, { ...place, position: at.index + 1, size: found.total }, open))
    at.index += 1
    if (open.has(node.id)) {
      waiting.push({ of: node.id, index: 0, level: at.level + 1, parent: rows.length - 1 })
    }
  }
  return rows
}

function personRow(
  node: TreeNode,
  place: { level: number; parent: number; position: number; size: number },
  open: Set<string>,
): PersonRow {
  return {
    kind: 'person',
    key: node.id,
    node,
    // Where it is not counted yet, there may be somebody.
    isExpandable: node.direct !== 0,
    isOpen: open.has(node.id),
    ...place,
  }
}

function moreRow(found: Below, at: { of: string | null; level: number; parent: number }): MoreRow {
  return {
    kind: 'more',
    key: `more ${at.of}`,
    of: at.of,
    count: Math.max(1, found.total - found.items.length),
    level: at.level,
    parent: at.parent,
  }
}
