import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { newId, newIdAt, parseId } from './ids.ts'

test('ids made one after the other sort in that order', () => {
  const ids = Array.from({ length: 5000 }, newId)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})

test('an id of another moment sorts where that moment does', () => {
  const [before, after] = [newIdAt(Date.now() - 2), newIdAt(Date.now() + 60_000)]
  expect([after, newId(), before].toSorted()).toEqual([before, expect.any(String), after])
  expect(parseId(before)).toBe(before)
})

test('an id is read with or without dashes and in any case', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), fc.boolean(), (id, dashed, upper) => {
      const bare = dashed ? id : id.replaceAll('-', '')
      expect(parseId(upper ? bare.toUpperCase() : bare)).toBe(id)
    }),
  )
})

test('anything else is no id', () => {
  const id = newId()
  for (const text of ['', 'me', `${id} `, `{${id}}`, id.slice(1), `${id}0`, `urn:uuid:${id}`]) {
    expect(parseId(text), text).toBeUndefined()
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseId(text)).toBeUndefined()
    }),
  )
})
