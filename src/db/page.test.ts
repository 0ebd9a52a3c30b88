import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { startApp } from '../../test/support/app.ts'
import { insertUsers } from '../../test/support/rows.ts'
import { AppError } from '../errors.ts'
import { type PageQuery, pageOf } from './page.ts'

const it = await startApp()
const { db } = it.ctx
const ROWS = 23
const ids = (await insertUsers(it, ROWS)).map(({ id }) => id).toReversed()
const countAll = async () => ROWS
const find = (page: PageQuery, count = countAll) =>
  pageOf(db.selectFrom('users').select('id'), 'id', page, count)

test('pages of any size hold every row once, newest first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (size) => {
      const found: string[] = []
      const pages = Math.ceil(ROWS / size)
      for (let page = 1; page <= pages; page++) {
        const { items, ...rest } = await find({ page, size })
        expect(rest).toMatchObject({ total: ROWS, page, size, pages })
        expect(rest.next_cursor === null).toBe(page === pages)
        found.push(...items.map(({ id }) => id))
      }
      expect(found).toEqual(ids)
    }),
    { numRuns: 30 },
  )
})

test('cursors of any size lead past every row once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (size) => {
      const found: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Awaited<ReturnType<typeof find>> = await find({
          page: 1,
          size,
          ...(cursor && { cursor }),
        })
        found.push(...page.items.map(({ id }) => id))
        cursor = page.next_cursor
      }
      expect(found).toEqual(ids)
    }),
    { numRuns: 30 },
  )
})

test('a cursor takes the place of the page’s number', async () => {
  const { next_cursor } = await find({ page: 1, size: 5 })
  const { items } = await find({ page: 1000, size: 5, cursor: next_cursor! })
  expect(items.map(({ id }) => id)).toEqual(ids.slice(5, 10))
})

test('a page past the end is empty, and no row is looked at for it', async () => {
  const asked: string[] = []
  const watched = db.withPlugin({
    transformQuery: ({ node }) => (asked.push(node.kind), node),
    transformResult: async ({ result }) => result,
  })
  const query = watched.selectFrom('users').select('id')
  expect((await pageOf(query, 'id', { page: 5, size: 5 }, countAll)).items).toHaveLength(3)
  expect(asked.splice(0)).toEqual(['SelectQueryNode'])
  for (const page of [6, 7, 1_000_000_000]) {
    const answer = await pageOf(query, 'id', { page, size: 5 }, countAll)
    expect(answer).toMatchObject({ items: [], total: ROWS, pages: 5, page, next_cursor: null })
  }
  expect(asked).toEqual([])
})

test('an empty list has no pages', async () => {
  expect(await find({ page: 1, size: 50 }, async () => 0)).toEqual({
    items: [],
    total: 0,
    page: 1,
    size: 50,
    pages: 0,
    next_cursor: null,
  })
})

test('what is no cursor is refused by the field’s name', async () => {
  for (const cursor of ['abc', '', "' or true --", 'A'.repeat(23)]) {
    const refused = find({ page: 1, size: 5, cursor })
    await expect(refused).rejects.toThrow(AppError)
    await expect(refused).rejects.toMatchObject({ pointer: '/query/cursor' })
  }
})
