import { randomUUID } from 'node:crypto'
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Account, createAccount, get, send, startApp } from '../../../test/support/app.ts'
import { waitForMail } from '../../../test/support/mail.ts'
import { promote } from '../../../test/support/rows.ts'
import { newId } from '../../lib/ids.ts'

const it = await startApp({}, { worker: true })
const root = await createAccount(it)
await promote(it, root)
const OUTBOX = '/api/v1/admin/outbox'
const folder = join(it.ctx.config.DATA_DIR, 'outbox')
const list = async (query = '') => (await get(it, `${OUTBOX}?${query}`, root)).json()

interface Mail {
  name: string
  to: string
  subject: string
}

test('a mail is listed with whom it goes to and what it is about, in any language', async () => {
  const ann = await createAccount(it, { locale: 'ru' })
  await waitForMail(it, ann.email, 'Подтвердите адрес почты')
  const page = await list('size=100')
  expect(page.transport).toBe('outbox')
  expect(page.total).toBe(page.items.length)
  expect(page.items.find(({ to }: Mail) => to === ann.email)).toMatchObject({
    name: expect.stringMatching(/^[0-9a-f-]{36}\.eml$/),
    subject: expect.any(String),
    created_at: expect.any(String),
  })
  const subjects = page.items.map(({ subject }: Mail) => subject)
  expect(subjects).toContain('Подтвердите адрес почты')
})

test('its source is answered as text to keep, never as a page', async () => {
  await waitForMail(it, root.email, 'Confirm')
  const { items } = await list('size=100')
  const mail = items.find(({ to, subject }: Mail) => to === root.email && /Confirm/.test(subject))
  const response = await get(it, `${OUTBOX}/${mail.name}`, root)
  expect(response.statusCode).toBe(200)
  expect(response.body).toContain(`To: ${root.email}`)
  expect(Buffer.byteLength(response.body)).toBe(mail.bytes)
  expect(response.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="${mail.name}"`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  // It may hold a link that sets a password: who read it is written down.
  const { items: events } = (await get(it, '/api/v1/admin/audit?action=mail.read', root)).json()
  expect(events).toMatchObject([{ actor: { id: root.id }, details: { mail: mail.name } }])
})

test('mails are walked by page and by cursor, the newest first, each once', async () => {
  await mkdir(folder, { recursive: true })
  for (let i = 0; i < 7; i++) {
    const file = join(folder, `${newId()}.eml`)
    await writeFile(file, `To: person${i}@example.com\nSubject: ${i}\n\n`)
    // Two of the same moment.
    const at = new Date(Date.now() + Math.floor(i / 2) * 1000)
    await utimes(file, at, at)
  }
  const all: Mail[] = (await list('size=100')).items
  expect(all.slice(0, 2).map(({ subject }) => subject)).toEqual([
    '6',
    expect.stringMatching(/[45]/),
  ])
  const walked: string[] = []
  for (let cursor = ''; ;) {
    const page = await list(`size=2${cursor && `&cursor=${cursor}`}`)
    walked.push(...page.items.map(({ name }: Mail) => name))
    if (!page.next_cursor) break
    cursor = page.next_cursor
  }
  expect(walked).toEqual(all.map(({ name }) => name))
  expect((await list('size=2&page=2')).items).toEqual(all.slice(2, 4))
  expect((await list('page=1000')).items).toEqual([])
})

test.each([
  `${newId()}.eml`,
  '..%2fsecrets.json',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%2fetc%2fpasswd',
  `..%2foutbox%2f${newId()}.eml`,
  `${newId()}.eml%00`,
  `${newId()}.eml.part`,
  '.eml',
  'x'.repeat(90),
])('the name %s leads to no mail', async (name) => {
  const response = await get(it, `${OUTBOX}/${name}`, root)
  expect(response.json()).toMatchObject({ status: 404, code: 'mail_not_found' })
})

test('nothing but a file is a mail', async () => {
  await mkdir(folder, { recursive: true })
  const secret = join(it.ctx.config.DATA_DIR, 'secrets.json')
  await writeFile(secret, '{"app_secret":"not for anybody"}')
  const link = `${newId()}.eml`
  await symlink(secret, join(folder, link))
  const inside = `${newId()}.eml`
  await mkdir(join(folder, inside))
  for (const name of [link, inside]) {
    expect((await get(it, `${OUTBOX}/${name}`, root)).statusCode, name).toBe(404)
  }
  const names = (await list('size=100')).items.map(({ name }: Mail) => name)
  expect(names).not.toContain(link)
  expect(names).not.toContain(inside)
  await rm(join(folder, inside), { recursive: true })
})

test('an empty folder, and one that was never made, have no mails', async () => {
  const fresh = await startApp()
  const admin = await createAccount(fresh)
  await promote(fresh, admin)
  const page = (await get(fresh, OUTBOX, admin)).json()
  expect(page).toEqual({
    transport: 'outbox',
    items: [],
    total: 0,
    page: 1,
    size: 50,
    pages: 0,
    next_cursor: null,
  })
})

test('with an SMTP server the outbox says so, and shows nothing', async () => {
  const smtp = await startApp({ SMTP_URL: 'smtp://127.0.0.1:1', DATA_DIR: it.ctx.config.DATA_DIR })
  const admin = await createAccount(smtp)
  await promote(smtp, admin)
  expect((await get(smtp, OUTBOX, admin)).json()).toMatchObject({ transport: 'smtp', items: [] })
  const { name } = (await list()).items[0]
  expect((await get(smtp, `${OUTBOX}/${name}`, admin)).statusCode).toBe(404)
})

const sendTest = (as?: Account, headers = {}) =>
  send(it, { method: 'POST', url: '/api/v1/admin/mail/test', headers }, as)

test('an administrator is sent a mail by the queue, once a key', async () => {
  const admin = await createAccount(it)
  await promote(it, admin)
  const key = { 'idempotency-key': randomUUID() }
  const [first, again] = [await sendTest(admin, key), await sendTest(admin, key)]
  expect([first.statusCode, again.statusCode]).toEqual([202, 202])
  expect(again.headers['idempotency-replayed']).toBe('true')
  await waitForMail(it, admin.email, 'Mail arrives')
  const { rows } = await sql<{ mails: number }>`
    select count(*) as mails from pgboss.job
    where data->>'mail' = 'test' and data->>'user_id' = ${admin.id}`.execute(it.ctx.db)
  expect(rows[0]!.mails).toBe(1)
})

test('nobody else has one sent', async () => {
  const ann = await createAccount(it)
  expect((await sendTest(ann)).json()).toMatchObject({ status: 403, code: 'admin_only' })
  expect((await sendTest()).json()).toMatchObject({ status: 401, code: 'unauthorized' })
})

test('only administrators see mails', async () => {
  const ann = await createAccount(it)
  const { name } = (await list()).items[0]
  for (const url of [OUTBOX, `${OUTBOX}/${name}`]) {
    expect((await get(it, url, ann)).json()).toMatchObject({ status: 403, code: 'admin_only' })
    expect((await get(it, url)).json()).toMatchObject({ status: 401, code: 'unauthorized' })
  }
})
