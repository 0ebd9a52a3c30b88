import { Button, Group, Paper, Text } from '@mantine/core'
import { ChevronsDownUp, ChevronsUpDown } from 'lucide-react'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { ProblemPanel } from '../blocks/problem-panel.tsx'
import { ListSkeleton } from '../blocks/skeletons.tsx'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import type { Address } from './address.ts'
import { FilterMark } from './filter-mark.tsx'
import { usePersonName } from './people.tsx'
import { TreeList } from './tree-list.tsx'
import { createTree, type Shown, type Tree } from './tree-store.ts'

const TreePicture = lazy(async () => ({
  default: (await import('./tree-picture.tsx')).TreePicture,
}))

/** The tree of referrals, as a list or as a picture; what is open in one is open in the other. */
export function TreeView({ address, isPicture }: { address: Address; isPicture: boolean }) {
  const root = address.text('root')
  return <Rooted key={root} address={address} root={root} isPicture={isPicture} />
}

function Rooted({
  address,
  root,
  isPicture,
}: {
  address: Address
  root: string | undefined
  isPicture: boolean
}) {
  const say = useWords(allReferralsWords)
  const [tree] = useState(() => createTree(root))
  const shown = useSyncExternalStore(tree.subscribe, tree.shown)
  useEffect(() => void tree.start(), [tree])
  if (shown.rows.length === 0) {
    if (shown.problem) {
      return <ProblemPanel problem={shown.problem} onRetry={() => void tree.start()} />
    }
    if (shown.isLoading) return <ListSkeleton rows={8} />
    return (
      <Paper withBorder radius="lg" p="xl" ta="center">
        <Text>{say('noTree')}</Text>
      </Paper>
    )
  }
  return (
    <>
      <Tools tree={tree} shown={shown} address={address} root={root} />
      {shown.problem ? <ProblemPanel problem={shown.problem} /> : null}
      {isPicture ? (
        <Suspense fallback={<ListSkeleton rows={8} />}>
          <TreePicture tree={tree} rows={shown.rows} />
        </Suspense>
      ) : (
        <TreeList tree={tree} rows={shown.rows} />
      )}
    </>
  )
}

function Tools({
  tree,
  shown,
  address,
  root,
}: {
  tree: Tree
  shown: Shown
  address: Address
  root: string | undefined
}) {
  const say = useWords(allReferralsWords)
  const nameOf = usePersonName()
  const [first] = shown.rows
  const canOpen = shown.rows.some((row) => row.kind === 'person' && row.isExpandable && !row.isOpen)
  return (
    <Group justify="space-between" gap="xs" mb="sm">
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<ChevronsUpDown size={16} aria-hidden />}
          disabled={!canOpen || shown.isLoading}
          onClick={() => void tree.openLevel()}
        >
          {say('openLevel')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<ChevronsDownUp size={16} aria-hidden />}
          onClick={tree.closeAll}
        >
          {say('closeAll')}
        </Button>
        {root && first?.kind === 'person' ? (
          <FilterMark
            text={say('onlyBelow', { name: nameOf(first.node) })}
            onTakeAway={() => address.change({ root: undefined })}
          />
        ) : null}
      </Group>
      <Text size="sm" c="dimmed" component="output" aria-busy={shown.isLoading}>
        {shown.opening > 0
          ? say('opening', { count: shown.opening })
          : say('shown', { count: shown.people })}
      </Text>
    </Group>
  )
}
