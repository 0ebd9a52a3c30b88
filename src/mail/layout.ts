import type { Message } from './mails.ts'

/** The text part: what the HTML says, word for word. */
export function layOutText({ lines, action }: Message): string {
  return `${[...lines, `${action.label}:\n${action.url}`, SIGNATURE].join('\n\n')}\n`
}

/** The HTML part: one column that needs no picture, font or style from any other host. */
export function layOutHtml({ subject, lines, action }: Message, locale: string): string {
  const paragraphs = lines.map((line) => `<p style="margin:0 0 16px">${escape(line)}</p>`).join('')
  const button = `<p style="margin:24px 0"><a href="${escape(action.url)}" style="${BUTTON}">${escape(action.label)}</a></p>`
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escape(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto"><h1 style="font-size:20px;margin:0 0 16px">${escape(subject)}</h1>
${paragraphs}${button}<p style="margin:24px 0 0;opacity:.7">${SIGNATURE}</p></div></body></html>
`
}

const SIGNATURE = 'Invitree'
const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:8px;background:#1f5fbf;color:#fff;text-decoration:none'

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '')
