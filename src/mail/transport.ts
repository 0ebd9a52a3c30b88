import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { SECOND } from '../lib/dates.ts'
import type { Locale } from '../errors.ts'
import { layOutHtml, layOutText } from './layout.ts'
import type { Message } from './mails.ts'

export interface Envelope {
  /** Stable over retries, so that a mail program shows a second delivery as the same mail. */
  id: string
  to: string
  locale: Locale
}

export interface Mailer {
  send(envelope: Envelope, message: Message): Promise<void>
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
  const { smtpUrl, from, outbox, host } = options
  const smtp = smtpUrl ? createTransport({ url: smtpUrl, ...TIMEOUTS }) : undefined
  const files = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return {
    async send({ id, to, locale }, message) {
      const mail: SendMailOptions = {
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
      if (smtp) await smtp.sendMail(mail).catch(failNameless)
      else await keepFile(outbox, id, (await files.sendMail(mail)).message as unknown as Buffer)
    },
    close: () => smtp?.close(),
  }
}

const TIMEOUTS = {
  connectionTimeout: 5 * SECOND,
  greetingTimeout: 5 * SECOND,
  socketTimeout: 10 * SECOND,
}

interface SmtpFailure {
  code?: string
  command?: string
  response?: string
}

// The queue keeps why a job failed, and servers like to name the address that they refuse.
function failNameless(error: unknown): never {
  const { code, command, response = '' } = error as SmtpFailure
  const reply = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0]
  const known = [code, command, reply].filter((part) => part !== undefined)
  throw new Error(`The mail was not sent: ${known.join(', ') || 'no reason is known'}`)
}

async function keepFile(outbox: string, id: string, mail: Buffer): Promise<void> {
  await mkdir(outbox, { recursive: true, mode: 0o700 })
  const file = join(outbox, `${id}.eml`)
  await writeFile(`${file}.part`, mail, { mode: 0o600 })
  await rename(`${file}.part`, file)
}
