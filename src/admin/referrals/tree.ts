import { type Context, inTransaction } from '../../context.ts'
import type { Db } from '../../db/connect.ts'
import type { PageQuery } from '../../db/page.ts'
import { AppError } from '../../errors.ts'
import type { Principal } from '../../http/auth.ts'
import { MINUTE } from '../../lib/dates.ts'
import { parseId } from '../../lib/ids.ts'
import * as tree from './tree-queries.ts'

const BATCH = 5000
const STEPS_MAX = 100_000
const PATIENCE_MS = 4 * MINUTE

/** Counts into the tree what it does not count yet; nothing while another worker does. */
export async function countTree(ctx: Context): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && (await inTransaction(ctx, countBatch)) > 0);
}

/** Who referred somebody and was referred by nobody. */
export function listRoots(ctx: Context, query: PageQuery) {
  return reading(ctx, async (db) => {
    const page = await tree.listRoots(db, query)
    const recent = await countRecent(db)
    return { ...page, items: page.items.map((node) => withRecent(node, recent)) }
  })
}

/** Somebody in the tree, with a page of those who came by them. Throws `user_not_found`. */
export function showNode(ctx: Context, principal: Principal, userId: string, query: PageQuery) {
  const id = userId === 'me' ? principal.id : parseId(userId)
  return reading(ctx, async (db) => {
    const found = id && (await tree.findNode(db, id))
    if (!found) throw new AppError('user_not_found')
    const recent = await countRecent(db)
    const node = withRecent(found, recent)
    const page = await tree.listChildren(db, id, query, node.direct ?? undefined)
    return { node, ...page, items: page.items.map((child) => withRecent(child, recent)) }
  })
}

// What is counted and what is not yet are seen at one moment, so that their sum is right.
function reading<T>(ctx: Context, work: (db: Db) => Promise<T>): Promise<T> {
  return ctx.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(work)
}

async function countBatch(ctx: Context): Promise<number> {
  if (!(await tree.holdTree(ctx.db))) return 0
  const steps = await readSteps(ctx.db)
  const counted = steps.filter((step) => step.uncounted).map((step) => step.user_id)
  if (counted.length > 0) await tree.addCounts(ctx.db, sumUp(steps), counted)
  return counted.length
}

// Few that lie far down have many above them: fewer are taken, down to one chain.
async function readSteps(db: Db): Promise<tree.Step[]> {
  for (let size = BATCH; size > 1; size = Math.ceil(size / 10)) {
    const steps = await tree.listSteps(db, size, STEPS_MAX)
    if (steps.length < STEPS_MAX) return steps
  }
  return tree.listSteps(db, 1, Number.MAX_SAFE_INTEGER)
}

/** What is not counted yet, by whom it is below; undefined after an import, while it is very much. */
async function countRecent(db: Db): Promise<Map<string, tree.Counts> | undefined> {
  if ((await tree.countUncounted(db, BATCH)) === BATCH) return undefined
  const steps = await tree.listSteps(db, BATCH, STEPS_MAX)
  return steps.length < STEPS_MAX ? sumUp(steps) : undefined
}

// Whoever was referred registered after their referrer (I4): from the last to the first, all that lies below
// somebody is summed up before it is handed on, so that each is looked at once.
function sumUp(steps: tree.Step[]): Map<string, tree.Counts> {
  const sums = new Map<string, tree.Counts>()
  for (const { user_id, referrer_id, uncounted } of steps.toSorted((a, b) => b.seq - a.seq)) {
    const { direct, total } = sums.get(referrer_id) ?? { direct: 0, total: 0 }
    const own = uncounted ? 1 : 0
    const below = sums.get(user_id)?.total ?? 0
    sums.set(referrer_id, { direct: direct + own, total: total + below + own })
  }
  return sums
}

function withRecent<N extends { id: string } & tree.Counts>(
  { direct, total, ...node }: N,
  recent: Map<string, tree.Counts> | undefined,
) {
  const more = recent?.get(node.id)
  return {
    ...node,
    direct: recent ? direct + (more?.direct ?? 0) : null,
    total: recent ? total + (more?.total ?? 0) : null,
  }
}
