import { expect, test } from 'vitest'
import { type Account, createAccount, get, send, startApp } from '../../test/support/app.ts'
import { startHostileServer } from '../../test/support/hostile-http.ts'
import { enrich } from './enrichment.ts'

const server = await startHostileServer()
const it = await startApp({ CLEARBIT_API_KEY: 'a-key', CLEARBIT_URL: server.url('good') })
const AVATAR = 'https://images.example/ann.png'

const patch = (payload: object, as: Account) =>
  send(it, { method: 'PATCH', url: '/api/v1/users/me', payload }, as)
const profileOf = async (account: Account) => {
  const { name, avatar_url, company } = (await get(it, '/api/v1/users/me', account)).json()
  return { name, avatar_url, company }
}
const found = (answer: object) => server.answers(() => answer)
const FOUND = {
  person: {
    name: { fullName: 'Found Name' },
    avatar: 'https://images.example/found.png',
    employment: { name: 'Found Ltd' },
  },
}

test('a user sets name, picture and company, each alone, and removes them', async () => {
  const ann = await createAccount(it)
  const all = { name: 'Ann Lee', avatar_url: AVATAR, company: 'Lee & Sons' }
  expect((await patch(all, ann)).json()).toMatchObject(all)
  expect((await patch({ company: null }, ann)).json()).toMatchObject({ ...all, company: null })
  expect((await patch({ name: '  ', avatar_url: null }, ann)).json()).toMatchObject({
    name: null,
    avatar_url: null,
  })
})

test('a name is one line of visible text', async () => {
  const ann = await createAccount(it)
  const changed = await patch({ name: ' Ann\u202e\n Lee ', company: 'A\tB' }, ann)
  expect(changed.json()).toMatchObject({ name: 'Ann Lee', company: 'A B' })
  const longest = '\u{1f600}'.repeat(100)
  expect((await patch({ name: longest }, ann)).json().name).toBe(longest)
})

test.each([
  [{ name: 'a'.repeat(101) }, '/name', 'too_long'],
  [{ company: 'a'.repeat(101) }, '/company', 'too_long'],
  [{ name: 7 }, '/name', 'type_wrong'],
  [{ avatar_url: 'http://images.example/a.png' }, '/avatar_url', 'format_wrong'],
  [{ avatar_url: 'javascript:alert(1)' }, '/avatar_url', 'format_wrong'],
  [{ avatar_url: 'data:image/png;base64,AAAA' }, '/avatar_url', 'format_wrong'],
  [{ avatar_url: 'https://' }, '/avatar_url', 'format_wrong'],
  [{ avatar_url: 'https://ann:secret@images.example/' }, '/avatar_url', 'format_wrong'],
  [{ avatar_url: `https://images.example/${'é'.repeat(400)}` }, '/avatar_url', 'format_wrong'],
  [{ avatar_url: `${AVATAR}?${'a'.repeat(500)}` }, '/avatar_url', 'too_long'],
  [{ profile_own: [] }, '/profile_own', 'field_unknown'],
])('%o is refused', async (fields, pointer, code) => {
  const ann = await createAccount(it)
  const refused = await patch(fields, ann)
  expect(refused.statusCode).toBe(422)
  expect(refused.json().errors).toMatchObject([{ pointer, code }])
  expect(await profileOf(ann)).toEqual({ name: null, avatar_url: null, company: null })
})

test('what the user set stays, whatever enrichment finds before or after', async () => {
  const ann = await createAccount(it)
  await patch({ name: 'Ann Lee' }, ann)
  found(FOUND)
  await enrich(it.ctx, ann.id)
  expect(await profileOf(ann)).toEqual({
    name: 'Ann Lee',
    avatar_url: 'https://images.example/found.png',
    company: 'Found Ltd',
  })
  await patch({ company: 'Lee & Sons' }, ann)
  await enrich(it.ctx, ann.id)
  expect(await profileOf(ann)).toMatchObject({ name: 'Ann Lee', company: 'Lee & Sons' })
})

test('what the user removed is not filled in again, and nothing is asked once all of it is theirs', async () => {
  const ann = await createAccount(it)
  await patch({ name: null, company: null }, ann)
  found(FOUND)
  await enrich(it.ctx, ann.id)
  expect(await profileOf(ann)).toEqual({
    name: null,
    avatar_url: 'https://images.example/found.png',
    company: null,
  })
  await patch({ avatar_url: null }, ann)
  const before = server.heads.length
  await enrich(it.ctx, ann.id)
  expect(server.heads).toHaveLength(before)
  expect(await profileOf(ann)).toEqual({ name: null, avatar_url: null, company: null })
})

test('a user who writes while enrichment does keeps what they wrote', async () => {
  found(FOUND)
  const people = await Promise.all(Array.from({ length: 8 }, () => createAccount(it)))
  await Promise.all(
    people.flatMap((ann) => [enrich(it.ctx, ann.id), patch({ name: 'Ann Lee' }, ann)]),
  )
  for (const ann of people) expect((await profileOf(ann)).name).toBe('Ann Lee')
})
