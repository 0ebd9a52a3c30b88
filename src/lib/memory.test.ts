import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMemory, rememberRecent } from './memory.ts'

test('what is kept is read once for each key, also by those who ask at once', async () => {
  const remember = createMemory<string>(60_000)
  let reads = 0
  const read = async () => `read ${++reads}`
  const first = await Promise.all([remember('a', read), remember('a', read)])
  expect([...first, await remember('a', read)]).toEqual(['read 1', 'read 1', 'read 1'])
  expect(await remember('b', read)).toBe('read 2')
})

test('after its time it is read again', async () => {
  const remember = createMemory<number>(20)
  let reads = 0
  const read = () => remember('a', async () => ++reads)
  await read()
  await expect.poll(read).toBe(2)
})

test('a failure is not kept', async () => {
  const remember = createMemory<string>(60_000)
  await expect(remember('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await sleep(0)
  expect(await remember('a', async () => 'yes')).toBe('yes')
})

test('of the texts asked for last each is worked out once, and what is undefined each time', () => {
  const asked: string[] = []
  const lengthOf = rememberRecent(2, (text) => {
    asked.push(text)
    return text.length || undefined
  })
  expect(['ab', 'ab', '', ''].map(lengthOf)).toEqual([2, 2, undefined, undefined])
  expect(asked).toEqual(['ab', '', ''])
  for (const text of ['b', 'c', 'd', 'e']) lengthOf(text)
  lengthOf('ab')
  expect(asked.filter((text) => text === 'ab')).toHaveLength(2)
})
