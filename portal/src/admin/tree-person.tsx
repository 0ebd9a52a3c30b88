import { Link } from 'wouter'
import type { TreeNode } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { addressOf, usePersonName } from './people.tsx'
import { StatusBadge } from './statuses.tsx'
import styles from './tree.module.css'

/** Somebody in the tree: the name, how they came, and how many are below. */
export function TreePerson({ node }: { node: TreeNode }) {
  const say = useWords(allReferralsWords)
  const nameOf = usePersonName()
  const counts = useCounts()
  const words = [node.code === null ? null : say('byCode', { code: node.code }), counts(node)]
  return (
    <span className={styles['person']}>
      <span className={styles['line']}>
        {/* The keyboard goes by the tree itself: Enter opens the page. */}
        <Link
          href={addressOf(node.id)}
          tabIndex={-1}
          className={styles['name']}
          onClick={(event: { stopPropagation: () => void }) => event.stopPropagation()}
        >
          {nameOf(node)}
        </Link>
        {node.status ? <StatusBadge status={node.status} /> : null}
      </span>
      <span className={styles['under']}>{words.filter(Boolean).join(' · ')}</span>
    </span>
  )
}

/** How many are below somebody, in words; nothing where nobody is. */
export function useCounts() {
  const say = useWords(allReferralsWords)
  const { number } = useFormats()
  return ({ direct, total }: Pick<TreeNode, 'direct' | 'total'>): string | null => {
    if (direct === 0) return null
    if (direct === null || total === null) return say('counting')
    return say('below', { direct: number(direct), total: number(total) })
  }
}
