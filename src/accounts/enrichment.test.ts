import { expect, test } from 'vitest'
import { createAccount, get, startApp } from '../../test/support/app.ts'
import { HOSTILE, startHostileServer } from '../../test/support/hostile-http.ts'
import { startStopwatch } from '../../test/support/stopwatch.ts'
import { createClearbit } from '../integrations/clearbit.ts'
import { enrich } from './enrichment.ts'

const KEY = 'clearbit-key-that-nobody-may-read'
const server = await startHostileServer()
const it = await startApp({ CLEARBIT_API_KEY: KEY, CLEARBIT_URL: server.url('good') })

const NOTHING = { name: null, avatar_url: null, company: null }
const AVATAR = 'https://images.example/ann.png'
const known = (person: object | null, company: object | null = null) => ({
  person: { id: '1', email: 'x', ...person },
  company,
})
const ANN = known(
  { name: { fullName: 'Ann Lee' }, avatar: AVATAR, employment: { name: 'Lee & Sons' } },
  { name: 'Another' },
)

const profileOf = (id: string) =>
  it.ctx.db
    .selectFrom('users')
    .select(['name', 'avatar_url', 'company'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

/** The profile of somebody new, after Clearbit said this of them. */
async function enriched(answer: unknown) {
  const account = await createAccount(it)
  server.answers(() => answer)
  await enrich(it.ctx, account.id)
  return profileOf(account.id)
}

test('a profile is filled with what Clearbit knows, and shown', async () => {
  const ann = await createAccount(it)
  server.answers(() => ANN)
  expect((await get(it, '/api/v1/users/me', ann)).json()).toMatchObject(NOTHING)
  await enrich(it.ctx, ann.id)
  expect((await get(it, '/api/v1/users/me', ann)).json()).toMatchObject({
    name: 'Ann Lee',
    avatar_url: AVATAR,
    company: 'Lee & Sons',
  })
})

test('what is filled in stays; only empty fields are filled, and then nothing is asked any more', async () => {
  const ann = await createAccount(it)
  server.answers(() => known({ name: { fullName: 'First' } }))
  await enrich(it.ctx, ann.id)
  server.answers(() => ANN)
  await Promise.all([enrich(it.ctx, ann.id), enrich(it.ctx, ann.id)])
  expect(await profileOf(ann.id)).toEqual({
    name: 'First',
    avatar_url: AVATAR,
    company: 'Lee & Sons',
  })
  const before = server.heads.length
  await enrich(it.ctx, ann.id)
  expect(server.heads).toHaveLength(before)
})

test('the company of the address stands in for an employer that is not known', async () => {
  expect(await enriched({ person: null, company: { name: 'Acme' } })).toEqual({
    ...NOTHING,
    company: 'Acme',
  })
})

test.each([
  ['  Ann\u0000\u202e \n Lee\u200b ', 'Ann Lee'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['я'.repeat(5000), 'я'.repeat(100)],
  ['\u{1f600}'.repeat(5000), '\u{1f600}'.repeat(100)],
  ['\ud800', null],
  ['\u0007\t', null],
  ['', null],
])('the name %j becomes %j', async (fullName, name) => {
  const found = await enriched(known({ name: { fullName }, employment: { name: fullName } }))
  expect(found).toMatchObject({ name, company: name })
})

test.each([
  'http://images.example/ann.png',
  'javascript:alert(1)',
  'data:image/png;base64,AAAA',
  '//images.example/ann.png',
  'https://user:secret@images.example/ann.png',
  `https://images.example/${'a'.repeat(500)}`,
  `https://images.example/${'я'.repeat(200)}`,
  'ann.png',
  '',
])('the avatar %s is not kept', async (avatar) => {
  expect(await enriched(known({ avatar }))).toEqual(NOTHING)
})

test('an avatar is kept as an address in its one spelling', async () => {
  const found = await enriched(known({ avatar: ' HTTPS://Images.Example/a"onerror="b ' }))
  expect(found.avatar_url).toBe('https://images.example/a%22onerror=%22b')
})

test('a look-up that Clearbit has queued is asked for again', async () => {
  const ann = await createAccount(it)
  server.answers(() => ANN, '202 Accepted')
  await expect(enrich(it.ctx, ann.id)).rejects.toThrow('no answer yet')
  server.answers(() => ANN)
  await enrich(it.ctx, ann.id)
  expect(await profileOf(ann.id)).toMatchObject({ name: 'Ann Lee' })
})

test.each(['404 Not Found', '422 Unprocessable'])(
  '%s is an answer: nobody is known',
  async (status) => {
    const ann = await createAccount(it)
    server.answers(() => ANN, status)
    await enrich(it.ctx, ann.id)
    expect(await profileOf(ann.id)).toEqual(NOTHING)
  },
)

test('nothing comes back to somebody who was erased in the meantime', async () => {
  const ann = await createAccount(it)
  server.answers(() => ANN)
  await enrich(it.ctx, ann.id)
  const gone = { email: null, email_key: null, password_hash: null, erased_at: new Date() }
  await it.ctx.db.updateTable('users').set(gone).where('id', '=', ann.id).execute()
  expect(await profileOf(ann.id)).toEqual(NOTHING)
  await enrich(it.ctx, ann.id)
  expect(await profileOf(ann.id)).toEqual(NOTHING)
})

test('the key goes in a header; neither it nor the address is ever logged', async () => {
  const ann = await createAccount(it)
  server.answers(() => ANN)
  await enrich(it.ctx, ann.id)
  const [line = '', ...headers] = (server.heads.at(-1) ?? '').split('\r\n')
  expect(line).toBe(`GET /good/combined/find?email=${encodeURIComponent(ann.email)} HTTP/1.1`)
  expect(headers).toContain(`authorization: Bearer ${KEY}`)
  const bob = await createAccount(it)
  await expect(enrich(asking('is broken (500)'), bob.id)).rejects.toThrow('no answer yet')
  const logged = JSON.stringify(it.logged)
  expect(logged).toContain('integration failed')
  for (const secret of [KEY, ann.email, bob.email]) expect(logged).not.toContain(secret)
})

test('without a key nobody is asked', async () => {
  const ann = await createAccount(it)
  const before = server.heads.length
  const { enrichment: _none, ...ctx } = it.ctx
  await enrich(ctx, ann.id)
  expect(server.heads).toHaveLength(before)
})

// The good one knows a name: whoever follows a redirect or reads too much keeps it.
test.concurrent.each(Object.keys(HOSTILE))(
  'a profile stays empty while Clearbit %s',
  async (behaviour) => {
    const account = await createAccount(it)
    server.answers(() => ANN)
    const passed = startStopwatch()
    const outcome = await enrich(asking(behaviour), account.id).then(() => 'done', String)
    expect(['done', 'Error: Clearbit has no answer yet']).toContain(outcome)
    expect(passed()).toBeLessThan(6000)
    expect(await profileOf(account.id)).toEqual(NOTHING)
  },
)

function asking(behaviour: string) {
  const options = { key: KEY, url: server.url(behaviour), log: it.ctx.log }
  return { ...it.ctx, enrichment: createClearbit(options) }
}
