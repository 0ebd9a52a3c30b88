import { Button, Group, Text } from '@mantine/core'
import { useFormats } from '../formats.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'

/** Leads through the pages of a list: which items these are, and to the ones before and after. */
export function Pager({
  page,
  size,
  total,
  onPage,
}: {
  page: number
  size: number
  total: number
  onPage: (page: number) => void
}) {
  const say = useWords(commonWords)
  const { number } = useFormats()
  if (total <= size && page === 1) return null
  const last = Math.min(page * size, total)
  const range = `${number(Math.min((page - 1) * size + 1, last))}–${number(last)}`
  return (
    <Group component="nav" aria-label={say('pages')} justify="space-between" gap="xs" mt="md">
      <Text size="sm" c="dimmed" component="output">
        {say('rangeOf', { range, total })}
      </Text>
      <Group gap="xs">
        <Button size="xs" variant="default" disabled={page <= 1} onClick={() => onPage(page - 1)}>
          {say('previous')}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={page * size >= total}
          onClick={() => onPage(page + 1)}
        >
          {say('next')}
        </Button>
      </Group>
    </Group>
  )
}
