import { getTreeNode, listTreeRoots, type TreeNode } from '../api/client.gen.ts'
import type { Below } from './tree-rows.ts'

const PAGE = 100
// More at once would wait for each other in the browser.
const AT_ONCE = 6

/** What is loaded of the tree: those below each person, and the roots below null. */
export type Loaded = Map<string | null, Below>

/** Loads the next page of those below somebody. */
export async function loadBelow(loaded: Loaded, id: string | null): Promise<void> {
  const known = loaded.get(id)
  const query = { size: PAGE, cursor: known?.next ?? undefined }
  const page = id
    ? await getTreeNode({ path: { user_id: id }, query })
    : await listTreeRoots({ query })
  // Somebody new may have moved the pages: nobody stands there twice.
  const there = new Set(known?.items.map((one) => one.id))
  const items = page.items.filter((one) => !there.has(one.id))
  loaded.set(id, {
    items: [...(known?.items ?? []), ...items],
    next: page.next_cursor,
    total: page.total,
  })
}

/** Loads one person as the only root, with whoever is below. */
export async function loadRoot(loaded: Loaded, id: string): Promise<void> {
  const { node, ...page } = await getTreeNode({ path: { user_id: id }, query: { size: PAGE } })
  loaded.set(null, { items: [node], next: null, total: 1 })
  loaded.set(node.id, { items: page.items, next: page.next_cursor, total: page.total })
}

/** Loads those below many people; `onLoaded` is told of each, and how many are still to come. */
export async function loadMany(
  loaded: Loaded,
  nodes: TreeNode[],
  onLoaded: (id: string, left: number) => void,
): Promise<void> {
  const waiting = [...nodes]
  let left = nodes.length
  const work = async () => {
    for (let node = waiting.shift(); node; node = waiting.shift()) {
      if (!loaded.has(node.id)) await loadBelow(loaded, node.id)
      left -= 1
      onLoaded(node.id, left)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
