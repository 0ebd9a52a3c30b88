interface Part {
  headers: string
  body: string
}

/** The plain text of a mail (RFC 5322 and MIME), or its source where it has none. */
export function textOf(source: string): string {
  const mail = split(source.replaceAll('\r\n', '\n'))
  return findText(mail) ?? source
}

function findText(part: Part): string | undefined {
  const type = header(part, 'content-type') ?? 'text/plain'
  const boundary = /boundary="?([^";\s]+)"?/i.exec(type)?.[1]
  if (boundary) {
    const parts = part.body.split(`--${boundary}`).slice(1, -1)
    return parts.map((one) => findText(split(one.trimStart()))).find((text) => text !== undefined)
  }
  if (!/^text\/plain/i.test(type)) return undefined
  return decode(part.body, header(part, 'content-transfer-encoding')).trim()
}

function split(text: string): Part {
  const end = text.indexOf('\n\n')
  return end < 0
    ? { headers: '', body: text }
    : { headers: text.slice(0, end).replaceAll(/\n[ \t]+/g, ' '), body: text.slice(end + 2) }
}

const header = ({ headers }: Part, name: string): string | undefined =>
  new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(headers)?.[1]

function decode(body: string, encoding = '7bit'): string {
  if (/base64/i.test(encoding)) return utf8(atob(body.replaceAll(/\s/g, '')))
  if (!/quoted-printable/i.test(encoding)) return body
  const bytes = body
    .replaceAll(/=\n/g, '')
    .replaceAll(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))
  return utf8(bytes)
}

const utf8 = (bytes: string) =>
  new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.codePointAt(0)!))
