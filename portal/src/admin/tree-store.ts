import { type Loaded, loadBelow, loadMany, loadRoot } from './tree-loading.ts'
import { allRows, type Row } from './tree-rows.ts'

// What one press may ask the service for.
const LEVEL_MAX = 300
const SHOWN_EACH = 20

export interface Shown {
  rows: Row[]
  /** How many people are among the rows. */
  people: number
  /** How many are still to be opened by what was pressed. */
  opening: number
  isLoading: boolean
  problem: unknown
}

export type Tree = ReturnType<typeof createTree>

/** What is open of the tree, loaded as it is opened; with `root` only that person and whoever is below. */
export function createTree(root: string | undefined) {
  const loaded: Loaded = new Map()
  const open = new Set<string>()
  const { publish, trying, ...seen } = createShown(() => allRows(loaded, open))

  const closed = () =>
    seen
      .shown()
      .rows.flatMap((row) =>
        row.kind === 'person' && row.isExpandable && !row.isOpen ? [row.node] : [],
      )
  const onOpened = (id: string, left: number) => {
    open.add(id)
    if (left % SHOWN_EACH === 0) publish({ opening: left })
  }
  return {
    ...seen,
    /** Loads the roots, or again what failed. */
    start: () =>
      trying(async () => {
        if (!root) return loadBelow(loaded, null)
        await loadRoot(loaded, root)
        open.add(root)
      }),
    toggle: (id: string) => {
      if (open.delete(id)) return Promise.resolve(publish())
      return trying(async () => {
        if (!loaded.has(id)) await loadBelow(loaded, id)
        open.add(id)
      })
    },
    /** Loads the next page of those below; of the roots where there is no id. */
    more: (id: string | null) => trying(() => loadBelow(loaded, id)),
    /** Opens everybody who is shown and closed. */
    openLevel: () => trying(() => loadMany(loaded, closed().slice(0, LEVEL_MAX), onOpened)),
    closeAll: () => {
      open.clear()
      publish()
    },
  }
}

function createShown(rowsNow: () => Row[]) {
  const listeners = new Set<() => void>()
  let shown: Shown = { rows: [], people: 0, opening: 0, isLoading: true, problem: undefined }

  function publish(changes: Partial<Omit<Shown, 'rows' | 'people'>> = {}): void {
    const rows = rowsNow()
    const people = rows.filter((row) => row.kind === 'person').length
    shown = { ...shown, ...changes, rows, people }
    for (const listener of listeners) listener()
  }
  return {
    publish,
    /** What fails is said, and leaves what is there as it is. */
    async trying(work: () => Promise<void>): Promise<void> {
      publish({ problem: undefined, isLoading: true })
      let problem: unknown
      try {
        await work()
      } catch (error) {
        problem = error
      }
      publish({ problem, isLoading: false, opening: 0 })
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    shown: () => shown,
  }
}
