import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestApp } from './app.ts'

/** The text of the newest mail to an address whose subject has these words, waited for in the outbox. */
export async function waitForMail(it: TestApp, to: string, subject: string): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    const found = (await listMails(it)).findLast(
      (mail) => mail.to === to && mail.subject.includes(subject),
    )
    if (found) return found.text
    await sleep(100)
  }
  const there = (await listMails(it)).map((mail) => `${mail.to}: ${mail.subject}`)
  throw new Error(`No mail "${subject}" to ${to}, only ${there.join(', ')}`)
}

/** Every mail in the outbox, oldest first. */
export async function listMails(it: TestApp) {
  const folder = join(it.ctx.config.DATA_DIR, 'outbox')
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.eml'))
  const mails = files.map(async (file) => {
    const path = join(folder, file)
    return { at: (await stat(path)).mtimeMs, ...readMail(await readFile(path, 'utf8')) }
  })
  return (await Promise.all(mails)).toSorted((one, other) => one.at - other.at)
}

/** The token in the link of a mail. */
export const tokenIn = (text: string): string => /#token=([\w.-]+)/.exec(text)?.[1] ?? ''

function readMail(raw: string) {
  const header = (name: string) =>
    new RegExp(`^${name}: (.*(?:\\r?\\n[ \\t].*)*)`, 'm').exec(raw)?.[1]
  const part = /text\/plain([\s\S]*?)\r?\n\r?\n([\s\S]*?)\r?\n--/.exec(raw)
  const [, head = '', text = ''] = part ?? []
  return {
    raw,
    to: header('To') ?? '',
    id: header('Message-ID') ?? '',
    subject: decodeWords(header('Subject') ?? ''),
    text: head.includes('base64') ? Buffer.from(text, 'base64').toString() : decodeQuoted(text),
  }
}

function decodeQuoted(text: string): string {
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?B\?(.*?)\?=/gi, (_, base64: string) =>
      Buffer.from(base64, 'base64').toString(),
    )
    .replaceAll(/=\?UTF-8\?Q\?(.*?)\?=/gi, (_, quoted: string) =>
      decodeQuoted(quoted.replaceAll('_', ' ')),
    )
}
