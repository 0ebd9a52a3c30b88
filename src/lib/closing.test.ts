import { expect, test } from 'vitest'
import { openInOrder } from './closing.ts'

test('what was opened is closed in the reverse order, past one that fails', async () => {
  const closed: string[] = []
  const closing = await openInOrder(async (closing) => {
    closing.add(() => closed.push('first'))
    closing.add(async () => {
      throw new Error('stuck')
    })
    closing.add(async () => closed.push('last'))
    return closing
  })
  await expect(closing.close()).rejects.toThrow('stuck')
  expect(closed).toEqual(['last', 'first'])
})

test('what opens stays open; what fails closes all before it and says why', async () => {
  const closed: string[] = []
  const open = (fails: boolean) =>
    openInOrder(async (closing) => {
      closing.add(() => closed.push('it'))
      closing.add(() => Promise.reject(new Error('stuck')))
      if (fails) throw new Error('refused')
      return 'opened'
    })
  expect(await open(false)).toBe('opened')
  expect(closed).toEqual([])
  await expect(open(true)).rejects.toThrow('refused')
  expect(closed).toEqual(['it'])
})
