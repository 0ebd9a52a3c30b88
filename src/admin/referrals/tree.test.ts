import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../../test/support/app.ts'
import {
  findBroken,
  insertCode,
  insertReferrals,
  insertUsers,
  promote,
} from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'
import { countTree } from './tree.ts'

const it = await startApp()
const root = await createAccount(it)
await promote(it, root)
const TREE = '/api/v1/admin/tree'

interface Node {
  id: string
  direct: number | null
  total: number | null
}

const roots = async (query = 'size=100') => (await get(it, `${TREE}?${query}`, root)).json()
const node = async (id: string, query = 'size=100') =>
  (await get(it, `${TREE}/${id}?${query}`, root)).json()
const countsOf = ({ direct, total }: Node) => ({ direct, total })

/** A person by a code of `referrer`, who gets one when there is none yet. */
const codes = new Map<string, string>()
async function join(referrerId: string): Promise<string> {
  const code = codes.get(referrerId) ?? (await insertCode(it, { id: referrerId })).code
  codes.set(referrerId, code)
  const [id] = await insertReferrals(it, code, [{}])
  return id!
}

const someone = async () => (await insertUsers(it, 1))[0]!.id

test('a node tells who it is, how it came, and how many came by it at any depth', async () => {
  const ann = await createAccount(it, { username: 'ann' })
  const code = await createCode(it, ann)
  const bob = await createAccount(it, { username: 'bob', referral_code: code })
  const byBob = await createCode(it, bob)
  const eve = await createAccount(it, { referral_code: byBob })

  const page = await node(ann.id)
  expect(page.node).toMatchObject({
    id: ann.id,
    username: 'ann',
    email: ann.email,
    code: null,
    status: null,
    created_at: expect.any(String),
    direct: 1,
    total: 2,
  })
  expect(page).toMatchObject({
    total: 1,
    items: [{ id: bob.id, username: 'bob', code, status: 'pending', direct: 1, total: 1 }],
  })
  expect((await node(bob.id)).items).toMatchObject([
    { id: eve.id, code: byBob, direct: 0, total: 0 },
  ])
  expect(await node(eve.id)).toMatchObject({ node: { direct: 0, total: 0 }, items: [], total: 0 })

  const ids = (await roots()).items.map(({ id }: Node) => id)
  expect(ids).toContain(ann.id)
  expect(ids).not.toContain(bob.id)
  expect(ids).not.toContain(eve.id)
})

test('whatever was counted when, every total is the number of people below', async () => {
  const referrers = new Map<string, string>()
  const people = await Promise.all([someone(), someone(), someone()])
  for (let n = 0; n < 60; n++) {
    const referrer = people[Math.floor(people.length * Math.random())]!
    const id = await join(referrer)
    referrers.set(id, referrer)
    people.push(id)
    if (Math.random() < 0.1) await countTree(it.ctx)
  }
  const below = new Map<string, { direct: number; total: number }>(
    people.map((id) => [id, { direct: 0, total: 0 }]),
  )
  for (const referrer of referrers.values()) {
    below.get(referrer)!.direct++
    for (let above: string | undefined = referrer; above; above = referrers.get(above)) {
      below.get(above)!.total++
    }
  }
  const check = async () => {
    for (const id of people) {
      const page = await node(id)
      expect(countsOf(page.node)).toEqual(below.get(id))
      expect(page.items).toHaveLength(below.get(id)!.direct)
      for (const child of page.items) expect(countsOf(child)).toEqual(below.get(child.id))
    }
  }
  await check()
  expect(await findBroken(it)).toEqual([])
  await countTree(it.ctx)
  await check()
  expect(await findBroken(it)).toEqual([])
})

test('people who join while others count are counted once', async () => {
  const ann = await createAccount(it)
  const code = await createCode(it, ann)
  const joining = Array.from({ length: 24 }, () =>
    it.app.inject({
      method: 'POST',
      url: '/api/v1/auth/register',
      payload: {
        email: `${newId()}@example.com`,
        password: 'correct horse battery',
        referral_code: code,
      },
    }),
  )
  const answers = Promise.all(joining)
  const joined = { all: false }
  void answers.finally(() => (joined.all = true))
  while (!joined.all) await Promise.all([countTree(it.ctx), countTree(it.ctx), node(ann.id)])
  expect((await answers).map(({ statusCode }) => statusCode)).toEqual(Array(24).fill(201))
  expect(countsOf((await node(ann.id)).node)).toEqual({ direct: 24, total: 24 })
  await countTree(it.ctx)
  expect(countsOf((await node(ann.id)).node)).toEqual({ direct: 24, total: 24 })
  expect(await findBroken(it)).toEqual([])
})

test('while one counts, another leaves it alone', async () => {
  const ann = await someone()
  await join(ann)
  await it.ctx.db.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('referral_tree', 0))`.execute(db)
    await countTree(it.ctx)
    const { rows } = await sql<{ left: number }>`
      select count(*) as left from referral_tree_uncounted`.execute(db)
    expect(rows[0]!.left).toBeGreaterThan(0)
  })
  expect(countsOf((await node(ann)).node)).toEqual({ direct: 1, total: 1 })
})

test('children and roots are walked by page and by cursor, the newest first, each once', async () => {
  const ann = await someone()
  const children: string[] = []
  for (let n = 0; n < 5; n++) children.unshift(await join(ann))
  for (const at of [1, 3]) await join(children[at]!)
  const walk = async (read: (query: string) => ReturnType<typeof node>) => {
    const ids: string[] = []
    for (let cursor = ''; ;) {
      const page = await read(`size=2${cursor && `&cursor=${cursor}`}`)
      ids.push(...page.items.map(({ id }: Node) => id))
      if (!page.next_cursor) return ids
      cursor = page.next_cursor
    }
  }
  expect(await walk((query) => node(ann, query))).toEqual(children)
  const second = await node(ann, 'size=2&page=2')
  expect(second.items.map(({ id }: Node) => id)).toEqual(children.slice(2, 4))
  expect(second).toMatchObject({ total: 5, pages: 3 })
  const all = (await roots()).items.map(({ id }: Node) => id)
  expect(all[0]).toBe(ann)
  expect(await walk(roots)).toEqual(all)
})

test('who was erased stays a node without a name, and the counts above stay', async () => {
  const ann = await createAccount(it)
  const bob = await createAccount(it, { referral_code: await createCode(it, ann) })
  await createAccount(it, { referral_code: await createCode(it, bob) })
  const headers = bob.headers
  await it.app.inject({ method: 'DELETE', url: '/api/v1/users/me', headers })
  const page = await node(ann.id)
  expect(countsOf(page.node)).toEqual({ direct: 1, total: 2 })
  expect(page.items).toMatchObject([{ id: bob.id, email: null, username: null, total: 1 }])
})

test('a chain of 10,000 people is counted and read like any other', async () => {
  await sql`
    with people as materialized (
      select n, gen_random_uuid() as id from generate_series(0, 10000) as n
    ), added as (
      insert into users (id, email, email_key, password_hash)
      select id, 'deep' || n || '@example.com', 'deep' || n || '@example.com', 'none'
      from people order by n returning id, seq, email
    ), coded as (
      insert into referral_codes (id, user_id, code, code_key, expires_at)
      select id, id, 'DEEP-' || n, 'DEEP-' || n, clock_timestamp() + interval '1 day' from people
      returning id, expires_at
    )
    select count(*) from added, coded where false`.execute(it.ctx.db)
  // What PostgreSQL does not know yet it joins row by row, for a minute.
  await sql`analyze users, referral_codes`.execute(it.ctx.db)
  await sql`
    insert into referrals (user_id, user_seq, referrer_id, referrer_seq, code_id, code_expires_at)
    select friend.id, friend.seq, owner.id, owner.seq, c.id, c.expires_at
    from generate_series(1, 10000) as n
    join users friend on friend.email_key = 'deep' || n || '@example.com'
    join users owner on owner.email_key = 'deep' || n - 1 || '@example.com'
    join referral_codes c on c.id = owner.id`.execute(it.ctx.db)
  await sql`analyze referrals`.execute(it.ctx.db)
  const idAt = async (n: number) => {
    const one = it.ctx.db.selectFrom('users').where('email_key', '=', `deep${n}@example.com`)
    return (await one.select('id').executeTakeFirstOrThrow()).id
  }
  // Too many are not counted yet, and that is said.
  expect(countsOf((await node(await idAt(0))).node)).toEqual({ direct: null, total: null })
  expect((await node(await idAt(0))).total).toBe(1)
  await countTree(it.ctx)
  codes.set(await idAt(10_000), 'DEEP-10000')
  const last = await join(await idAt(10_000))
  for (const [n, total] of [
    [0, 10_001],
    [5000, 5001],
    [10_000, 1],
  ] as const) {
    const page = await node(await idAt(n))
    expect(countsOf(page.node)).toEqual({ direct: 1, total })
    expect(page.items).toMatchObject([{ total: total - 1 }])
  }
  expect((await node(last)).node).toMatchObject({ direct: 0, total: 0 })
  await countTree(it.ctx)
  expect(await findBroken(it)).toEqual([])
})

test.each([newId(), 'nobody', '%00', '0'])('the node of %s is not there', async (id) => {
  expect(await node(id)).toMatchObject({ status: 404, code: 'user_not_found' })
})

test('only administrators see the tree', async () => {
  const ann = await createAccount(it)
  for (const url of [TREE, `${TREE}/me`, `${TREE}/${ann.id}`]) {
    expect((await get(it, url, ann)).json()).toMatchObject({ status: 403, code: 'admin_only' })
    expect((await get(it, url)).json()).toMatchObject({ status: 401, code: 'unauthorized' })
  }
})
