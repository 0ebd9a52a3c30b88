import type { PersonRow, Row } from './tree-rows.ts'

export interface Dot {
  row: PersonRow
  x: number
  y: number
  radius: number
  /** Where it stands around its root, for the direction of its name; undefined at a root. */
  angle: number | undefined
  /** How far its neighbours are, which says whether there is room for its name. */
  room: number
  /** Its root, around which it stands, and how far from it. */
  root: { x: number; y: number }
  distance: number
  /** The dot it hangs on; undefined at the roots. */
  parent: Dot | undefined
}

export interface Layout {
  dots: Dot[]
  width: number
  height: number
}

const RING = 85
const LEAF_ROOM = 14
const NAME_ROOM = 80
const ASPECT = 1.6

interface Cluster {
  dots: Dot[]
  /** Where its box begins, seen from its root. */
  left: number
  top: number
  width: number
  height: number
}

/** Places all that is open: each root in the middle of its own rings, the roots beside and below one another. */
export function placeOnRings(rows: Row[]): Layout {
  const starts = rows.flatMap((row, index) => (row.parent < 0 ? [index] : []))
  const clusters = starts.flatMap((start, at) => {
    const end = starts[at + 1] ?? rows.length
    return rows[start]!.kind === 'person' ? [placeRoot(rows.slice(start, end), start)] : []
  })
  return placeBesides(clusters.toSorted((a, b) => b.height - a.height))
}

/** One root and all below it, around the point 0. */
function placeRoot(rows: Row[], offset: number): Cluster {
  const spread = spreadOf(rows, offset)
  const depth = rows.reduce((most, row) => Math.max(most, row.level - 1), 0)
  const ring = Math.max(RING, (spread.leaves * LEAF_ROOM) / (2 * Math.PI * Math.max(1, depth)))
  const byRow = new Map<number, Dot>()
  const root = { x: 0, y: 0 }
  rows.forEach((row, index) => {
    if (row.kind !== 'person') return
    const distance = (row.level - 1) * ring
    const angle = (spread.places[index]! / spread.leaves) * 2 * Math.PI
    byRow.set(index, {
      row,
      x: Math.cos(angle) * distance,
      y: Math.sin(angle) * distance,
      radius: 4 + 2.2 * Math.log2(1 + (row.node.total ?? 0)),
      angle: distance === 0 ? undefined : angle,
      room: ((2 * Math.PI) / spread.leaves) * distance,
      root,
      distance,
      parent: byRow.get(row.parent - offset),
    })
  })
  return boxed([...byRow.values()])
}

function boxed(dots: Dot[]): Cluster {
  const [left, right, top, bottom] = dots.reduce(
    ([l, r, t, b], { x, y }) => [Math.min(l, x), Math.max(r, x), Math.min(t, y), Math.max(b, y)],
    [0, 0, 0, 0] as [number, number, number, number],
  )
  return {
    dots,
    left: left - NAME_ROOM,
    top: top - NAME_ROOM,
    width: right - left + 2 * NAME_ROOM,
    height: bottom - top + 2 * NAME_ROOM,
  }
}

/** Leaves one after another, whoever is above in the middle of those below. */
function spreadOf(rows: Row[], offset: number): { places: number[]; leaves: number } {
  const first = rows.map(() => Infinity)
  const last = rows.map(() => -Infinity)
  const isAbove = new Set(rows.map((row) => row.parent - offset))
  let leaves = 0
  rows.forEach((_, index) => {
    if (isAbove.has(index)) return
    first[index] = leaves
    last[index] = leaves
    leaves += 1
  })
  // From the last to the first: everybody below stands after whom they are below.
  for (let index = rows.length - 1; index > 0; index--) {
    const parent = rows[index]!.parent - offset
    first[parent] = Math.min(first[parent]!, first[index]!)
    last[parent] = Math.max(last[parent]!, last[index]!)
  }
  const places = rows.map((_, index) => (first[index]! + last[index]!) / 2)
  return { places, leaves: Math.max(1, leaves) }
}

/** The largest first, in lines about as wide as the whole is to be; small ones stand below one another. */
function placeBesides(clusters: Cluster[]): Layout {
  const area = clusters.reduce((sum, { width, height }) => sum + width * height, 0)
  const widest = clusters.reduce((most, { width }) => Math.max(most, width), 0)
  const limit = Math.max(Math.sqrt(area * ASPECT), widest)
  const line = { top: 0, height: 0 }
  const column = { left: 0, width: 0, filled: 0 }
  let whole = 0
  for (const { dots, left, top, width, height } of clusters) {
    if (column.filled + height > line.height) {
      Object.assign(column, { left: column.left + column.width, width, filled: 0 })
    }
    if (line.height === 0 || column.left + width > limit) {
      Object.assign(line, { top: line.top + line.height, height })
      Object.assign(column, { left: 0, width, filled: 0 })
    }
    const root = { x: column.left - left, y: line.top + column.filled - top }
    for (const dot of dots) Object.assign(dot, { root, x: dot.x + root.x, y: dot.y + root.y })
    column.filled += height
    column.width = Math.max(column.width, width)
    whole = Math.max(whole, column.left + column.width)
  }
  return {
    dots: clusters.flatMap(({ dots }) => dots),
    width: whole,
    height: line.top + line.height,
  }
}
