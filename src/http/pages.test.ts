import { expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../test/support/app.ts'
import { insertReferrals } from '../../test/support/rows.ts'

const it = await startApp()
const ann = await createAccount(it)
const code = await createCode(it, ann)
const everybody = Array.from({ length: 11 }, (_, n) => ({ username: `person-${n}` }))
const ids = (await insertReferrals(it, code, everybody)).toReversed()
const start = '/api/v1/users/me/referrals'

/** One answer: its ids, and where its `Link` header (RFC 8288) leads. */
async function open(url: string) {
  const response = await get(it, url, ann)
  expect(response.statusCode, response.body).toBe(200)
  const header = String(response.headers['link'])
  const links = header.split(', ').map((link) => {
    const [, target, rel] = /^<(\/[^>\s]+)>; rel="(\w+)"$/.exec(link) ?? []
    return [rel, target] as const
  })
  const found = response.json().items.map(({ id }: { id: string }) => id) as string[]
  return { found, links: Object.fromEntries(links) as Record<string, string> }
}

async function walk(url: string | undefined, rel: string, meanwhile = async () => {}) {
  const found: string[][] = []
  while (url !== undefined) {
    const page = await open(url)
    found.push(page.found)
    url = page.links[rel]
    await meanwhile()
  }
  return found
}

test('following next from the first page leads past every row once, and prev leads back', async () => {
  const pages = await walk(`${start}?size=4`, 'next')
  expect(pages.flat()).toEqual(ids)
  const { links } = await open(`${start}?size=4`)
  expect(Object.keys(links).toSorted()).toEqual(['first', 'last', 'next'])
  expect(await walk(links['last'], 'prev')).toEqual(pages.toReversed())
  const middle = await open(`${start}?size=4&page=2`)
  expect(Object.keys(middle.links).toSorted()).toEqual(['first', 'last', 'next', 'prev'])
  expect((await open(middle.links['first']!)).found).toEqual(pages[0])
})

test('the links keep the filters, escaped as they must be', async () => {
  const pages = await walk(`${start}?size=1&q=${encodeURIComponent('person-1')}`, 'next')
  expect(pages).toHaveLength(2)
  const { links } = await open(`${start}?q=${encodeURIComponent('a>;,"%_ é')}`)
  expect(links['first']).toBe(`${start}?q=a%3E%3B%2C%22%25_+%C3%A9&page=1`)
  expect((await open(links['first']!)).found).toEqual([])
})

test('a list without rows, and a page past the end, lead to where there are some', async () => {
  const empty = await open(`${start}?q=nobody`)
  expect(Object.keys(empty.links).toSorted()).toEqual(['first', 'last'])
  const past = await open(`${start}?size=4&page=1000000000`)
  expect(past.found).toEqual([])
  expect(past.links['next']).toBeUndefined()
  expect((await open(past.links['prev']!)).found).toEqual(ids.slice(8))
})

test('a trailing slash and the path of an original service lead on by themselves', async () => {
  expect((await walk(`${start}/?size=4`, 'next')).flat()).toEqual(ids)
  expect((await walk(`/api/v1/users/${ann.id}?size=4`, 'next')).flat()).toEqual(ids)
})

test('by cursor no row is shown twice and none skipped while new ones arrive', async () => {
  const first = await get(it, `${start}?size=2`, ann)
  const { next_cursor, items } = first.json()
  const rest = await walk(`${start}?size=2&cursor=${next_cursor}`, 'next', async () => {
    await insertReferrals(it, code, [{}])
  })
  const shown = [...items.map(({ id }: { id: string }) => id), ...rest.flat()]
  expect(shown).toEqual(ids)
})

test('by number a row would be shown twice then, which is why there is a cursor', async () => {
  const before = await open(`${start}?size=4`)
  await insertReferrals(it, code, [{}])
  const after = await open(`${start}?size=4&page=2`)
  expect(after.found[0]).toBe(before.found[3])
})
