import type { SendMailOptions, Transporter } from 'nodemailer'
import { SECOND } from '../lib/dates.ts'
import { lazy } from '../lib/lazy.ts'
import type { PageOf, PageQuery } from '../db/page.ts'
import type { Locale } from '../words/catalogue.ts'
import { layOutHtml, layOutText } from './layout.ts'
import type { Message } from './mails.ts'
import { keepMail, listMails, type OutboxMail, readMail } from './outbox.ts'

export interface Envelope {
  /** Stable over retries, so that a mail program shows a second delivery as the same mail. */
  id: string
  to: string
  locale: Locale
}

export interface Mailer {
  transport: 'smtp' | 'outbox'
  send(envelope: Envelope, message: Message): Promise<void>
  /** Whether a mail would be taken; throws, within seconds and without naming anybody, why not. */
  verify(): Promise<void>
  /** Mails that lie as files; none while there is an SMTP server. */
  list(page: PageQuery): Promise<PageOf<OutboxMail>>
  /** The source of one of them, by the name that the list gives it. */
  read(name: string): Promise<string | undefined>
  close(): void
}

export interface MailerOptions {
  smtpUrl: string | undefined
  from: string
  /** Where mails lie as files when there is no SMTP server. */
  outbox: string
  /** The host of message ids. */
  host: string
}

/** Sends by SMTP, or without a server writes each mail as a file that a mail program opens. */
export function createMailer(options: MailerOptions): Mailer {
  return options.smtpUrl ? bySmtp(options.smtpUrl, options) : asFiles(options)
}

// Loaded for the first mail: a start has no need of it.
const nodemailer = () => import('nodemailer')

function bySmtp(url: string, options: MailerOptions): Mailer {
  let opened: Promise<Transporter> | undefined
  const open = () =>
    (opened ??= nodemailer().then((library) => library.createTransport({ url, ...TIMEOUTS })))
  return {
    transport: 'smtp',
    async send(envelope, message) {
      const smtp = await open()
      await smtp.sendMail(writeOut(options, envelope, message)).catch((error: unknown) => {
        throw new Error(`The mail was not sent: ${namelessFailure(error)}`)
      })
    },
    async verify() {
      const smtp = await open()
      await inTime(smtp.verify()).catch((error: unknown) => {
        throw new Error(namelessFailure(error))
      })
    },
    list: async ({ page, size }) => {
      return { items: [], total: 0, page, size, pages: 0, next_cursor: null }
    },
    read: async () => undefined,
    close: () => void opened?.then((smtp) => smtp.close()),
  }
}

function asFiles(options: MailerOptions): Mailer {
  const { outbox } = options
  const open = lazy(async () => (await nodemailer()).createTransport(FILES))
  return {
    transport: 'outbox',
    async send(envelope, message) {
      const files = await open()
      const { message: mail } = await files.sendMail(writeOut(options, envelope, message))
      await keepMail(outbox, envelope.id, mail as unknown as Buffer)
    },
    verify: async () => {},
    list: (page) => listMails(outbox, page),
    read: (name) => readMail(outbox, name),
    close: () => {},
  }
}

function writeOut(
  { from, host }: MailerOptions,
  { id, to, locale }: Envelope,
  message: Message,
): SendMailOptions {
  return {
    from,
    // An object, so that an address is never read as a list of several.
    to: { name: '', address: to },
    subject: message.subject,
    messageId: `<${id}@${host}>`,
    text: layOutText(message),
    html: layOutHtml(message, locale),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

const FILES = { streamTransport: true, buffer: true, newline: 'unix' } as const
const TIMEOUTS = {
  connectionTimeout: 5 * SECOND,
  greetingTimeout: 5 * SECOND,
  socketTimeout: 10 * SECOND,
}
const VERIFY_MS = 5 * SECOND

// Each step has its own bound; together they may take longer than whoever looks has patience.
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = Object.assign(new Error('too late'), { code: 'ETIMEDOUT' })
    timer = setTimeout(() => reject(error), VERIFY_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

interface SmtpFailure {
  code?: string
  command?: string
  response?: string
}

// The queue keeps why a job failed, and servers like to name the address that they refuse.
function namelessFailure(error: unknown): string {
  const { code, command, response = '' } = error as SmtpFailure
  const reply = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0]
  const known = [code, command, reply].filter((part) => part !== undefined)
  return known.join(', ') || 'no reason is known'
}
