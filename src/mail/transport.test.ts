import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { startSmtp } from '../../test/support/smtp.ts'
import type { MailName } from '../jobs/catalogue.ts'
import { writeMail } from './mails.ts'
import { createMailer } from './transport.ts'

const outbox = await mkdtemp(join(tmpdir(), 'invitree-outbox-'))
whenDone(() => rm(outbox, { recursive: true }))

const from = 'Invitree <no-reply@example.com>'
const mailer = (smtpUrl?: string) => createMailer({ smtpUrl, from, outbox, host: 'example.com' })
const facts = { url: 'https://example.com/x#token=a.b', subject: 'CODE-1', when: new Date(0) }
const NAMES: MailName[] = [
  'verify',
  'welcome',
  'reset',
  'password_changed',
  'new_device',
  'referral_joined',
  'code_expires',
  'code_expired',
  'test',
]

test.each(NAMES)(
  'the mail %s reaches the server in both languages, text and HTML alike',
  async (name) => {
    const smtp = await startSmtp()
    for (const locale of ['en', 'ru'] as const) {
      const message = writeMail(name, locale, facts)
      await mailer(smtp.url).send(
        { id: `${name}-${locale}`, to: 'ann@example.com', locale },
        message,
      )
      expect(message.subject).not.toBe('')
      expect(message.action?.url).toBe(facts.url)
    }
    expect(smtp.received.map((mail) => mail.to)).toEqual([['ann@example.com'], ['ann@example.com']])
    for (const { raw } of smtp.received) {
      expect(raw).toContain('text/plain')
      expect(raw).toContain('text/html')
      expect(raw).toMatch(new RegExp(`^Message-ID: <${name}-(en|ru)@example.com>`, 'm'))
      expect(raw).not.toContain('undefined')
    }
  },
)

test('an address is never read as several, and adds no header', async () => {
  const smtp = await startSmtp()
  const to = 'ann,bob@example.com\r\nBcc: eve@example.com'
  const message = writeMail('verify', 'en', facts)
  await mailer(smtp.url)
    .send({ id: 'x', to, locale: 'en' }, message)
    .catch(() => {})
  expect(smtp.received.flatMap((mail) => mail.to).filter((one) => one.startsWith('eve'))).toEqual(
    [],
  )
  expect(smtp.received.every((mail) => mail.to.length === 1)).toBe(true)
})

test('without a server a mail is a file that only its owner reads', async () => {
  await mailer().send(
    { id: 'a-file', to: 'ann@example.com', locale: 'en' },
    writeMail('verify', 'en', facts),
  )
  expect(await readdir(outbox)).toEqual(['a-file.eml'])
  expect((await stat(join(outbox, 'a-file.eml'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(outbox, 'a-file.eml'), 'utf8')).toContain('To: ann@example.com')
})

const send = (url: string) =>
  mailer(url).send(
    { id: 'x', to: 'ann@example.com', locale: 'en' },
    writeMail('verify', 'en', facts),
  )

test('a server that refuses, answers 4xx, drops the line or is away fails the mail, so that it is tried again', async () => {
  const refusing = await startSmtp({
    onRcptTo: (_address, _session, done) => done(new Error('no')),
  })
  const busy = await startSmtp({
    onMailFrom: (_address, _session, done) =>
      done(Object.assign(new Error('later'), { responseCode: 451 })),
  })
  const dropping = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  whenDone(() => dropping.close())
  await new Promise((resolve) => dropping.once('listening', resolve))
  const address = dropping.address()
  const port = typeof address === 'object' ? address?.port : 0
  for (const url of [refusing.url, busy.url, `smtp://127.0.0.1:${port}`, 'smtp://127.0.0.1:1']) {
    await expect(send(url)).rejects.toThrow(/no|later|close|ECONNREFUSED|socket/i)
  }
})
